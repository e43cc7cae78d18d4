// Two jobs beside each other: what was different in what they were made of, and which numbers moved because of it.

import {diffLines} from "diff";
import type {JobInputs, Written} from "../../lib/types.js";
import type {JobView} from "../../lib/view-types.js";
import {findingsOf, trafficOf, unitsOf, type Finding, type FindingOptions} from "../stats/analysis.js";

/** A field with its text in the first and the second job; null where it is empty. */
export type ChangedField = {field: string; before: string | null; after: string | null};

export type ChangedMetric = {
  alias: string;
  title: string;
  fields: ChangedField[];
  isNew: boolean;
  isGone: boolean;
};

/** One metric in both jobs; `because` is empty where nothing about it is different. */
export type Movement = {
  alias: string;
  title: string;
  before: Finding | null;
  after: Finding | null;
  because: string[];
};

export type JobDiff = {
  /** Null where a job is from before its inputs were kept. */
  settings: ChangedField[] | null;
  metrics: ChangedMetric[] | null;
  sql: {text: string; kind: "same" | "added" | "removed"}[];
  isOtherData: boolean;
  movements: Movement[];
};

type Asked = Omit<FindingOptions, "isValid"> & {treatment: string};

/** Returns how a second job differs from a first, both read in the same way. */
export function jobDiff(first: JobView, second: JobView, options: Asked): JobDiff {
  const [a, b] = [first.inputs, second.inputs];
  const settings = a && b ? changedFields(a.observation, b.observation) : null;
  const metrics = a && b ? changedMetrics(a, b) : null;
  const isOtherData = first.view.job!.facts.source !== second.view.job!.facts.source;
  const [before, after] = [first, second].map(({view}) => ofTreatment(view, options));
  const aliases = [...new Set([...before.keys(), ...after.keys()])];
  const movements = aliases.map((alias): Movement => {
    const [one, other] = [before.get(alias) ?? null, after.get(alias) ?? null];
    const definition = metrics?.find((metric) => metric.alias === alias) ?? null;
    const because =
      one && other && isSame(one, other) ? [] : reasonsOf({one, other, definition, settings, isOtherData});
    return {alias, title: (other ?? one)!.metric.title, before: one, after: other, because};
  });
  return {
    settings,
    metrics,
    sql: sqlDiff(first.view.job!.query, second.view.job!.query),
    isOtherData,
    movements
  };
}

function ofTreatment(view: JobView["view"], {treatment, ...asked}: Asked) {
  const {experiment, defaults, planned} = view;
  const srm = trafficOf(experiment, unitsOf(view), defaults.srmThreshold, planned.all);
  const options = {...asked, isValid: !srm?.isMismatch};
  const at = options.treatments.indexOf(treatment);
  return new Map(findingsOf(view.metrics, options).map((row) => [row[at].metric.alias, row[at]]));
}

const isSame = (one: Finding, other: Finding) => isNear(one.arms, other.arms);

// An engine with several threads adds in another order each time: the last digits of the same sum differ.
function isNear(one: unknown, other: unknown): boolean {
  if (typeof one === "number" && typeof other === "number")
    return Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return one === other;
  const [own, others] = [Object.entries(one), Object.entries(other)];
  return (
    own.length === others.length &&
    own.every(([name, value], i) => others[i][0] === name && isNear(value, others[i][1]))
  );
}

// What only names a thing moves no number.
const names = ["name", "metric_tags", "metric_groups"];

type Evidence = {
  one: Finding | null;
  other: Finding | null;
  definition: ChangedMetric | null;
  settings: ChangedField[] | null;
  isOtherData: boolean;
};

function reasonsOf({one, other, definition, settings, isOtherData}: Evidence): string[] {
  if (!one || !other) return [one ? "only in the first job" : "only in the second job"];
  const found = [
    ...(definition?.fields.length
      ? [`its definition: ${definition.fields.map(({field}) => field).join(", ")}`]
      : []),
    ...(settings ?? [])
      .filter(({field}) => !names.includes(field))
      .map(({field}) => field.replaceAll("_", " ")),
    ...(isOtherData ? ["the warehouse’s data"] : [])
  ];
  return found.length ? found : ["the SQL"];
}

function changedFields(before: Written, after: Written): ChangedField[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((field) => {
    const [one, other] = [textOf(before[field]), textOf(after[field])];
    return one === other ? [] : [{field, before: one, after: other}];
  });
}

function changedMetrics(a: JobInputs, b: JobInputs): ChangedMetric[] {
  const [before, after] = [a, b].map(({metrics}) => new Map(metrics.map((metric) => [metric.alias, metric])));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((alias) => {
    const [one, other] = [before.get(alias), after.get(alias)];
    const fields = one && other ? changedFields(one, other) : [];
    if (one && other && !fields.length) return [];
    return [{alias, title: (other ?? one)!.title, fields, isNew: !one, isGone: !other}];
  });
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined || (Array.isArray(value) && !value.length)) return null;
  if (Array.isArray(value)) return value.map((each) => textOf(each) ?? "").join(", ");
  if (typeof value !== "object") return String(value);
  const said = Object.entries(value).flatMap(([name, each]) => {
    const text = textOf(each);
    return text === null ? [] : [`${name}: ${text}`];
  });
  return said.length ? said.join("; ") : null;
}

const sqlDiff = (before: string, after: string): JobDiff["sql"] =>
  diffLines(before, after).map(({value, added, removed}) => ({
    text: value,
    kind: added ? "added" : removed ? "removed" : "same"
  }));
