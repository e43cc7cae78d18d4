import {listExperiments, readExperiment} from "./tools/experiments.js";
import {pageContext, searchDocs, searchMetrics} from "./tools/lookup.js";
import {offer} from "./tools/offer.js";
import {plan} from "./tools/plan.js";
import {assessTool, results} from "./tools/results.js";
import type {Agent} from "./types.js";

export const universal: Agent = {
  id: "universal",
  title: "Universal",
  purpose: "greetings, and whatever fits no other",
  duty: "agentic",
  tools: [
    listExperiments,
    readExperiment,
    assessTool,
    results,
    plan,
    searchMetrics,
    searchDocs,
    pageContext,
    offer
  ],
  prompt: "universal"
};
