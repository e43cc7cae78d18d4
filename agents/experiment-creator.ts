import {draftExperiment} from "./tools/draft.js";
import {pageContext, readMetric, searchExperiments, searchMetrics} from "./tools/lookup.js";
import {plan} from "./tools/plan.js";
import type {Agent} from "./types.js";

export const experimentCreator: Agent = {
  id: "experiment_creator",
  title: "Experiment creator",
  purpose: "an idea for a test: its hypothesis, variants, metrics and length, as a draft for the form",
  duty: "agentic",
  tools: [searchMetrics, readMetric, searchExperiments, plan, draftExperiment, pageContext],
  prompt: "experiment-creator"
};
