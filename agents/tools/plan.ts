// How long until it could be seen: the Planner's own functions.

import {z} from "zod";
import {UserError} from "../../lib/errors.js";
import {
  baselinesOf,
  longest,
  plansOf,
  slowestOf,
  trafficByDay,
  type PlanQuestion
} from "../../lib/stats/planning.js";
import {controlOf} from "../../lib/stats/variants.js";
import {resultsView} from "../../lib/views.js";
import {tool} from "../types.js";
import {metricMeant, observationMeant, subject} from "./subject.js";

export const plan = tool({
  name: "plan",
  description:
    "Units and days until a lift would be seen, and the smallest lift that a number of days shows, from the baseline and traffic of an observation that has run. Offers the Planner with the same question.",
  schema: z.object({
    ...subject,
    metrics: z
      .array(z.string())
      .min(1)
      .max(10)
      .optional()
      .describe("aliases; without them the primary metric"),
    lift: z.number().gt(0).max(5).optional().describe("a fraction: 0.03 is 3%; without it 0.05"),
    days: z.number().int().min(1).max(longest).optional(),
    power: z.number().min(0.01).max(0.999).optional(),
    confidence: z.number().min(0.5).max(0.9999).optional(),
    cuped: z.boolean().optional(),
    sequential: z.boolean().optional()
  }),
  run: async (
    {metrics, lift = 0.05, days = 14, cuped = false, sequential = false, ...asked},
    {workspace}
  ) => {
    const view = await resultsView(workspace, observationMeant(workspace, asked).id);
    const baselines = baselinesOf(view.metrics, controlOf(view.experiment));
    if (!baselines.length)
      throw new UserError("no metric has a value in a declared control", "plan from another experiment");
    const {confidence, power} = view.defaults;
    const aliases = metrics?.map((name) => metricMeant(workspace, name).alias) ?? [baselines[0].metric.alias];
    const missing = aliases.find((alias) => !baselines.some(({metric}) => metric.alias === alias));
    if (missing) throw new UserError(`${missing} was not measured here`, "results lists what was");
    const question: PlanQuestion = {
      metrics: aliases,
      lift,
      days,
      power: asked.power ?? power,
      confidence: asked.confidence ?? confidence,
      shares: view.experiment.variants.map(({allocation}) => allocation),
      side: "two-sided",
      corrected: aliases.length > 1,
      cuped,
      sequential
    };
    const plans = plansOf(baselines, question, trafficByDay(view.exposures).byDay);
    const href = plannerPage(view.observation.id, {metrics: aliases, lift, days});
    return {
      value: {
        traffic_of: {experiment: view.experiment.name, observation: view.observation.id},
        lift,
        days_asked: days,
        power: question.power,
        confidence: question.confidence,
        looks_ahead_days: longest,
        plans: plans.map(({baseline: {metric, explained}, units, total, day, byDay, power, reason}) => ({
          metric: metric.alias,
          title: metric.title,
          units_of_each_variant: units,
          total_units: total,
          day,
          smallest_lift_in_days_asked: byDay.at(days - 1)?.lift ?? null,
          chance_in_days_asked: power,
          variance_that_cuped_takes: explained,
          reason
        })),
        slowest_day: slowestOf(plans)?.day ?? null
      },
      said: `${plans.length === 1 ? plans[0].baseline.metric.title : `${plans.length} metrics`}`,
      href,
      actions: [
        {kind: "open", label: `Open the Planner with a lift of ${Number((lift * 100).toPrecision(4))}%`, href}
      ]
    };
  }
});

/** Returns the address of the Planner with a question. */
export const plannerPage = (
  from: number,
  {metrics, lift, days}: {metrics: string[]; lift: number; days?: number}
) =>
  `/planner?${new URLSearchParams({from: String(from), metrics: metrics.join(","), lift: String(lift), ...(days && {days: String(days)})})}`;
