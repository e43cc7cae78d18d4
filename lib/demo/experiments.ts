// The demo's experiments as files, with the dates that belong to its data.

import type {ExperimentStatus} from "../types.js";
import {demoPlans, type DemoPlan} from "./plan.js";
import {demoStories, oneTapReorder, type DemoStory} from "./stories.js";

/** An experiment as `expanto apply` reads it from YAML; times are "2025-10-01T00:00:00Z". */
export type ExperimentFile = {
  experiment: {
    name: string;
    status: ExperimentStatus;
    description: string;
    hypotheses: string;
    key_metrics: string[];
    guardrails: string[];
    design: string;
    conclusion?: string;
    owner: string;
    start_datetime: string;
    end_datetime: string;
    variants: {name: string; allocation: number; control?: true}[];
  };
  observations: ObservationEntry[];
};

export type ObservationEntry = {
  name: string;
  db_experiment_name: string;
  split_id: "user_id";
  calculation_scenario: "duckdb";
  exposure_start_datetime: string;
  exposure_end_datetime: string;
  calc_start_datetime: string;
  calc_end_datetime: string;
  filters?: string[];
  dimensions: string[];
  pre_period_days: number;
};

type Dates = Pick<DemoPlan, "startDay" | "endDay">;

/**
 * Returns the demo's six experiments with the dates they have when its data was made on that UTC date,
 * such as "2025-10-01"; the one that is only planned has no observation.
 */
export function demoExperiments(today: string): ExperimentFile[] {
  const withResults = demoPlans.map((plan) => ({
    experiment: experimentOf(demoStories[plan.name], plan, plan.variants, today),
    observations: observationsOf(plan, today)
  }));
  const {story, variants, ...dates} = oneTapReorder;
  return [...withResults, {experiment: experimentOf(story, dates, variants, today), observations: []}];
}

function experimentOf(
  {title, keyMetrics, conclusion, ...told}: DemoStory,
  {startDay, endDay}: Dates,
  variants: {name: string; allocation: number}[],
  today: string
): ExperimentFile["experiment"] {
  return {
    name: title,
    status: startDay > 0 ? "planned" : endDay > 0 ? "running" : "completed",
    ...told,
    key_metrics: keyMetrics,
    ...(conclusion ? {conclusion} : {}),
    start_datetime: midnight(today, startDay),
    end_datetime: midnight(today, endDay),
    variants: variants.map(({name, allocation}, i) => ({
      name,
      allocation,
      ...(i === 0 ? {control: true as const} : {})
    }))
  };
}

function observationsOf({name, startDay, endDay}: DemoPlan, today: string): ObservationEntry[] {
  const [start, end] = [midnight(today, startDay), midnight(today, endDay)];
  const main: ObservationEntry = {
    name: "Main",
    db_experiment_name: name,
    split_id: "user_id",
    calculation_scenario: "duckdb",
    exposure_start_datetime: start,
    exposure_end_datetime: end,
    calc_start_datetime: start,
    calc_end_datetime: end,
    dimensions: ["country", "platform"],
    pre_period_days: 14
  };
  if (name !== "faster_checkout") return [main];
  return [main, {...main, name: "iOS only", filters: ["platform = 'ios'"], dimensions: ["country"]}];
}

function midnight(today: string, day: number): string {
  const time = Date.parse(`${today}T00:00:00Z`) + day * 86_400_000;
  return new Date(time).toISOString().replace(".000Z", "Z");
}
