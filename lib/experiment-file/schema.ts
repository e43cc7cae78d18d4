// What a file may say of an experiment: names as people type them, the shape of each value.

import {z} from "zod";
import {experimentStatuses, type Instant} from "../types.js";

const filled = z.string().regex(/\S/);
const name = (longest: number) => filled.max(longest);
const text = z.string().nullish();
const texts = z.array(filled).nullish();

const time = z
  .unknown()
  .optional()
  .transform((value, context): Instant | null => {
    if (value === undefined || value === null) return null;
    const instant = instantOf(value);
    if (instant === null) context.addIssue({code: "custom", message: "time"});
    return instant;
  });

const variant = z.strictObject({
  name: filled,
  allocation: z.number().positive().finite().optional(),
  control: z.boolean().optional()
});

const experiment = z.strictObject({
  name: name(255),
  status: z.enum(experimentStatuses).default("planned"),
  owner: text,
  description: text,
  hypotheses: text,
  key_metrics: texts,
  guardrails: texts,
  design: text,
  conclusion: text,
  start_datetime: time,
  end_datetime: time,
  variants: z.array(variant).nullish()
});

const observation = z.strictObject({
  name: name(100),
  db_experiment_name: name(510).nullish(),
  split_id: filled,
  calculation_scenario: name(100).nullish(),
  exposure_start_datetime: time,
  exposure_end_datetime: time,
  calc_start_datetime: time,
  calc_end_datetime: time,
  exposure_event: text,
  audience_tables: texts,
  filters: texts,
  event_filters: texts,
  custom_test_ids_query: text,
  metric_tags: texts,
  metric_groups: texts,
  dimensions: texts,
  pre_period_days: z.int().min(0).max(730).nullish(),
  horizon_days: z.int().min(0).max(730).nullish()
});

export const experimentFileSchema = z.strictObject({
  experiment,
  observations: z.array(observation).nullish()
});

export type WrittenFile = z.output<typeof experimentFileSchema>;
export type WrittenExperiment = WrittenFile["experiment"];
export type WrittenObservation = NonNullable<WrittenFile["observations"]>[number];

/** Returns the names a file may use at a place, such as ["observations", 0]. */
export function fieldsAt(path: PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(experimentFileSchema.shape);
  if (path.includes("variants")) return Object.keys(variant.shape);
  return Object.keys(path[0] === "experiment" ? experiment.shape : observation.shape);
}

const writtenTime = /^(\d{4}-\d\d-\d\d)(?:[ Tt](\d\d:\d\d)(:\d\d)?(\.\d{1,3})?\d*)?\s*([Zz]|[+-]\d\d:\d\d)?$/;

/** Returns the instant of "2025-10-01", "2025-10-01 12:30" or full ISO 8601 (UTC unless it says otherwise), or null. */
export function instantOf(value: unknown): Instant | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  const match = typeof value === "string" ? writtenTime.exec(value.trim()) : null;
  if (!match) return null;
  const [, day, minute = "00:00", second = ":00", fraction = "", zone = "Z"] = match;
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript reads 30 February as 2 March.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return null;
  const time = new Date(`${day}T${minute}${second}${fraction}${zone.toUpperCase()}`);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
