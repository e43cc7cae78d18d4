// A file's analysis as the Results page shows one: moments, of which the page makes every reading.

import {basename} from "node:path";
import {z} from "zod";
import {measureFile} from "../analyze.js";
import {checkMoments, momentsOfPrecompute} from "../stats/moments.js";
import type {Config} from "../config/types.js";
import type {Experiment, Job, Observation} from "../types.js";
import type {FileResults, MetricMoments} from "../view-types.js";
import {infoOf} from "../views.js";
import {withFileUnits} from "./units.js";
import {own} from "../stats/own.js";

/** What a page asks of a file; without a unit every row is one. */
export const fileQuestion = z.strictObject({
  unit: z.string().nullish(),
  variant: z.string(),
  control: z.string(),
  means: z.array(z.string()).max(200).default([]),
  proportions: z.array(z.string()).max(200).default([]),
  ratios: z.array(z.string()).max(200).default([]),
  lowerIsBetter: z.array(z.string()).max(200).default([]),
  aggregate: z.boolean().default(false)
});

export type FileQuestion = z.output<typeof fileQuestion>;

/** Returns the results of a file, of which nothing is kept; throws a UserError for anything in it that would make a number wrong. */
export function resultsOfFile(
  file: string,
  {unit, ...asked}: FileQuestion,
  {statistics}: Pick<Config, "statistics">
): Promise<FileResults> {
  const question = {...asked, file, confidence: statistics.confidence, ...(unit ? {unit} : {})};
  return withFileUnits(question, async (duckdb, units) => {
    const {precomputes, exposures, crossovers, dominance, refused, weights, ...measured} = await measureFile(
      duckdb,
      units
    );
    const names = Object.keys(measured.units);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const variants = names.map((name, i) => ({
      name,
      allocation: weights[i] / whole,
      isControl: name === asked.control
    }));
    const {metrics, left} = {metrics: units.asked.metrics, left: units.left};
    const experiment = {
      ...nobodys,
      name: basename(file),
      variants,
      keyMetrics: metrics.map(({alias}) => alias)
    };
    const rows = metrics.map((metric): MetricMoments => {
      const arms = names.map((variant) => {
        const row = precomputes.find((d) => d.metric === metric.alias && d.variant === variant);
        const read = row
          ? momentsOfPrecompute(row)
          : {reason: own(refused, metric.alias) ?? "no unit has a value"};
        const reason = "reason" in read ? read.reason : checkMoments(metric.type, read.moments);
        return {variant, moments: "moments" in read && reason === null ? read.moments : null, reason};
      });
      return {metric: infoOf(metric, experiment), arms};
    });
    const planned = variants.map(({name, allocation}) => ({variant: name, allocation}));
    const view = {
      experiment,
      observation: {...noObservation, name: basename(file), splitId: unit ?? "row"},
      siblings: [],
      job: {...noJob, facts: {crossovers, dominance, refused}},
      latest: null,
      stale: null,
      staleMetrics: [],
      metrics: rows,
      exposures: exposures.map(({variant, units}) => ({variant, day: "", units})),
      periods: [{from: null, until: null, allocation: planned, isPaused: false}],
      planned: {all: planned},
      series: [],
      hasCells: false,
      events: [],
      plan: null,
      defaults: statistics
    };
    return {view, left: {...left, crossovers}};
  });
}

const never = {createdAt: "", updatedAt: ""};
const nobodys: Experiment = {
  id: 0,
  name: "",
  status: "completed",
  description: null,
  hypotheses: null,
  keyMetrics: [],
  guardrails: [],
  design: null,
  conclusion: null,
  owner: null,
  start: null,
  end: null,
  variants: [],
  ...never
};
const noObservation: Observation = {
  id: 0,
  experimentId: 0,
  name: "",
  dbExperimentName: "",
  splitId: "",
  scenario: "",
  exposureStart: null,
  exposureEnd: null,
  calcStart: null,
  calcEnd: null,
  exposureEvent: null,
  audienceTables: [],
  filters: [],
  eventFilters: [],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: [],
  preDays: 0,
  horizonDays: 0,
  ...never
};
const noJob: Job = {
  id: 0,
  observationId: 0,
  status: "completed",
  query: "",
  error: null,
  facts: {},
  createdAt: ""
};
