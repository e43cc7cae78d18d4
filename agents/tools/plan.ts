// How long until it could be seen: the Planner's own functions. What a call leaves open is as the Planner shows it.

import {z} from "zod";
import {NotFoundError, UserError} from "../../lib/errors.js";
import {planHistory, planQuestionIn, planSourceIn, written} from "../../lib/stats/plan-address.js";
import {
  baselinesOf,
  longest,
  plansOf,
  slowestOf,
  trafficByDay,
  type Baseline,
  type PlanQuestion
} from "../../lib/stats/planning.js";
import {controlOf} from "../../lib/stats/variants.js";
import {experimentCards, resultsView} from "../../lib/views.js";
import type {Workspace} from "../../lib/workspace.js";
import {tool, type PageContext} from "../types.js";
import {metricMeant, observationMeant, subject, type Subject} from "./subject.js";

export const plan = tool({
  name: "plan",
  description:
    "Units and days until a lift would be seen, and the smallest lift that a number of days shows, from the baseline and traffic of an observation that has run. On the Planner, what is left open is as its page shows; elsewhere as the Planner opens: two equal variants. Offers the Planner with the same question.",
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
    shares: z
      .array(z.number().gt(0))
      .min(2)
      .max(20)
      .optional()
      .describe("of the units, the control first: [80, 10, 10]; without them [50, 50]"),
    side: z.enum(["two-sided", "greater", "less"]).optional(),
    cuped: z.boolean().optional(),
    sequential: z.boolean().optional()
  }),
  run: async ({metrics, observation, experiment, ...asked}, {workspace, page}) => {
    const from = sourceMeant(workspace, {observation, experiment}, page);
    const view = await resultsView(workspace, from);
    const baselines = baselinesOf(view.metrics, controlOf(view.experiment));
    if (!baselines.length)
      throw new UserError("no metric has a value in a declared control", "plan from another experiment");
    const onPage = planQuestionIn(isPlanner(page) ? page.search : "", {baselines, ...view.defaults});
    const question: PlanQuestion = {
      ...onPage,
      ...Object.fromEntries(Object.entries(asked).filter(([, answer]) => answer !== undefined)),
      ...(metrics && {metrics: metrics.map((name) => measured(workspace, name, baselines))})
    };
    const {lift, days} = question;
    const plans = plansOf(baselines, question, trafficByDay(view.exposures).byDay);
    const href = plannerPage(from, question);
    return {
      value: {
        traffic_of: {experiment: view.experiment.name, observation: view.observation.id},
        lift,
        days_asked: days,
        power: question.power,
        confidence: question.confidence,
        shares: question.shares,
        side: question.side,
        corrected: question.corrected,
        cuped: question.cuped,
        sequential: question.sequential,
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

const isPlanner = ({path}: PageContext) => /^\/planner\/?$/.test(path);

// Where nothing is named, what the Planner plans from.
function sourceMeant(workspace: Workspace, named: Subject, page: PageContext): number {
  const isOpen = named.observation === undefined && named.experiment === undefined;
  if (!isOpen || !isPlanner(page)) return observationMeant(workspace, named, page).id;
  const source = planSourceIn(page.search, planHistory(experimentCards(workspace)));
  if (typeof source !== "string") return source.observation!.id;
  const words = {typed: "numbers that were typed in", units: "all units of a window"}[source];
  throw new UserError(
    `the Planner plans from ${words}, which I do not see`,
    "name an experiment to plan from"
  );
}

function measured(workspace: Workspace, named: string, baselines: Baseline[]): string {
  const {alias} = metricMeant(workspace, named);
  if (baselines.some(({metric}) => metric.alias === alias)) return alias;
  throw new NotFoundError(
    `${alias} was not measured here`,
    `measured are ${baselines.map(({metric}) => metric.alias).join(", ")}`
  );
}

/** Returns the address of the Planner with a question, or a part of one: the page adds what it opens with. */
export const plannerPage = (from: number, question: Partial<PlanQuestion> & {metrics: string[]}) =>
  `/planner?${new URLSearchParams({from: String(from), ...written(question)})}`;
