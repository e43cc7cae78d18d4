// Something for the reader to click: checked here, done by nobody else.

import {z} from "zod";
import {UserError} from "../../lib/errors.js";
import {resultsView} from "../../lib/views.js";
import {tool, type Action} from "../types.js";
import {plannerPage} from "./plan.js";
import {readResult} from "./reading.js";
import {experimentMeant, metricMeant, observationMeant, subject} from "./subject.js";

export const offer = tool({
  name: "offer",
  description:
    "Offers the reader a button: to an experiment, to results (also of a segment or another variant), to a metric, to the Planner. It does nothing by itself.",
  schema: z.object({
    page: z.enum(["experiment", "observations", "results", "metric", "planner"]),
    ...subject,
    treatment: z.string().max(255).optional(),
    segment: z.record(z.string().max(100), z.string().max(200)).optional(),
    metric: z.string().max(255).optional(),
    lift: z.number().gt(0).max(5).optional()
  }),
  run: async (asked, {workspace, now, page: shown}) => {
    const action = await actionOf(asked);
    return {value: {offered: action.label}, said: action.label, actions: [action]};

    async function actionOf({page, metric, lift = 0.05, ...about}: typeof asked): Promise<Action> {
      if (page === "metric") {
        const {alias, title} = metricMeant(workspace, metric ?? "");
        return {kind: "open", label: `Open ${title}`, href: `/metrics?metric=${encodeURIComponent(alias)}`};
      }
      if (page === "experiment" || page === "observations") {
        if (about.experiment === undefined) throw new UserError("no experiment is named", "name one");
        const {id, name} = experimentMeant(workspace, about.experiment);
        const isForm = page === "experiment";
        const href = isForm ? `/?experiment=${id}` : `/observations?experiment=${id}`;
        return {kind: "open", label: isForm ? `Open ${name}` : `Open the observations of ${name}`, href};
      }
      if (page === "planner") {
        const {observation, metrics} = await resultsView(
          workspace,
          observationMeant(workspace, about, shown).id
        );
        const alias = metric ? metricMeant(workspace, metric).alias : metrics[0]?.metric.alias;
        if (!alias) throw new UserError("nothing was measured there", "plan from another experiment");
        return {
          kind: "open",
          label: "Open the Planner",
          href: plannerPage(observation.id, {metrics: [alias], lift})
        };
      }
      const {href, view} = await readResult(workspace, about, {now, page: shown});
      const where = Object.entries(about.segment ?? {}).map(([name, value]) => `${name} ${value}`);
      const label = where.length
        ? `Show only ${where.join(", ")}`
        : `Open the results of ${view.experiment.name}`;
      return {kind: "open", label, href};
    }
  }
});
