// A metric as its YAML file would say it.

import {stringify} from "yaml";
import type {Metric, UserAggregation, Written} from "../types.js";

/** Returns the text of a metric file with one metric; reading it gives the same metric. */
export function metricYaml(metric: Metric): string {
  return stringify({metric_group_name: metric.group, metrics: [writtenMetric(metric)]}, {lineWidth: 0});
}

function writtenMetric(metric: Metric): Written {
  const {
    alias,
    type,
    title,
    description,
    owner,
    tags,
    goal,
    margin,
    cap,
    quantile,
    format,
    numerator,
    denominator
  } = metric;
  return said({
    alias,
    type: type === "mean" ? "avg" : type,
    display_name: title,
    description,
    owner,
    tags: tags.length ? tags : null,
    goal,
    margin,
    quantile,
    cap: cap && ("at" in cap ? cap.at : `${Number((100 * cap.share).toPrecision(12))}%`),
    format: Object.keys(format).length ? format : null,
    formula: said({
      numerator: writtenAggregation(numerator),
      denominator: denominator && writtenAggregation(denominator)
    })
  });
}

function writtenAggregation({alias, sql, missing, declared}: UserAggregation): Written {
  return said({alias, ...(declared ?? {sql}), missing: missing === "exclude" ? missing : null});
}

const said = (written: Written): Written =>
  Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null && value !== undefined));
