import {listExperiments, readExperiment} from "./tools/experiments.js";
import {pageContext, searchExperiments, searchMetrics} from "./tools/lookup.js";
import {offer} from "./tools/offer.js";
import {plan} from "./tools/plan.js";
import {assessTool, results, segments} from "./tools/results.js";
import type {Agent} from "./types.js";

export const analyst: Agent = {
  id: "analyst",
  title: "Analyst",
  purpose:
    "what an experiment showed and whether to believe it: lifts, intervals, guardrails, segments, conclusions; how long a test must run; what several experiments taught",
  duty: "thinker",
  tools: [
    assessTool,
    results,
    segments,
    plan,
    listExperiments,
    readExperiment,
    searchMetrics,
    searchExperiments,
    pageContext,
    offer
  ],
  prompt: "analyst"
};
