// What limits a metric's values and how they are written: margin, cap, quantile, format.

import {nearest} from "../errors.js";
import type {MetricType} from "../stats/types.js";
import type {Cap} from "../types.js";
import {kindOf, plainValue, reportUnknownFields} from "../yaml-file.js";
import type {Report, YamlFields, YamlNode} from "../yaml-file.js";
import {formatOptions, formats} from "./fields.js";
import type {Asked} from "./values.js";

// A fraction, or a percentage in quotes or not: 0.01, 1%.
/** Returns a share as written, or null; what is none is reported. */
export function readShare(fields: YamlFields, name: string, report: Report): number | null {
  const node = fields.get(name)?.node;
  if (!node || node.value === null) return null;
  const share = shareOf(node.value);
  if (share !== null && share > 0 && share < 1) return share;
  report(
    "error",
    node.place,
    `bad ${name}: ${String(node.value)}`,
    "a share between 0 and 1, such as 0.01 or 1%"
  );
  return null;
}

/** Returns which quantile a metric is, null where it is none; one that is missing, or not used, is reported. */
export function readQuantile(
  fields: YamlFields,
  type: MetricType | null,
  {of, place, report}: Asked
): number | null {
  const field = fields.get("quantile");
  if (type !== "quantile") {
    const hint = "write type: quantile, or drop it";
    if (field && type) report("warning", field.key, `${of} is no quantile: its quantile is not used`, hint);
    return null;
  }
  if (!field || field.node.value === null)
    report("error", field?.key ?? place, `quantile of ${of} is missing`, "quantile: 0.9, or 90%");
  return readShare(fields, "quantile", report);
}

function shareOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  const percent = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  return percent && Number((Number(percent[1]) / 100).toPrecision(12));
}

/** Returns what limits a metric's values, or null; what cannot be is reported. */
export function readCap(fields: YamlFields, type: MetricType | null, report: Report): Cap | null {
  const node = fields.get("cap")?.node;
  if (!node || node.value === null) return null;
  if (type === "proportion" || type === "quantile") {
    const why = type === "proportion" ? "its values are 0 and 1" : "the largest values do not move it";
    report("error", node.place, `a ${type} has no cap`, `${why}: drop cap`);
    return null;
  }
  if (typeof node.value === "number" && node.value > 0 && Number.isFinite(node.value))
    return {at: node.value};
  const share = typeof node.value === "string" ? shareOf(node.value) : null;
  if (share !== null && share >= 0.5 && share < 1) return {share};
  const hint = "a number above 0, such as 500, or a percentile from 50% to below 100%, such as 99%";
  report("error", node.place, `bad cap: ${String(node.value)}`, hint);
  return null;
}

/** Returns how values are written: what the file says, or what its type usually is. */
export function readFormat(
  fields: YamlFields,
  type: MetricType | null,
  report: Report
): Intl.NumberFormatOptions {
  const node = fields.get("format")?.node;
  if (!node || node.value === null) return type === "proportion" ? formats.percent : formats.number;
  if (typeof node.value === "string" && Object.hasOwn(formats, node.value)) return formats[node.value];
  if (node.value instanceof Map) return readFormatOptions(node, node.value, report);
  const near = typeof node.value === "string" ? nearest(node.value, Object.keys(formats)) : null;
  const hint = near
    ? `did you mean ${near}?`
    : "percent, number, integer, or {style: currency, currency: EUR}";
  report(
    "error",
    node.place,
    `unknown format: ${typeof node.value === "string" ? node.value : kindOf(node)}`,
    hint
  );
  return formats.number;
}

function readFormatOptions(node: YamlNode, fields: YamlFields, report: Report): Intl.NumberFormatOptions {
  reportUnknownFields(fields, formatOptions, {of: "format", severity: "warning", report});
  const options = plainValue(node) as Intl.NumberFormatOptions;
  try {
    new Intl.NumberFormat("en", options);
  } catch (error) {
    report(
      "error",
      node.place,
      `bad format: ${error instanceof Error ? error.message : error}`,
      "options of Intl.NumberFormat"
    );
  }
  return options;
}
