import {pageContext, readMetric, readSection, searchCode, searchDocs, searchMetrics} from "./tools/lookup.js";
import {offer} from "./tools/offer.js";
import type {Agent} from "./types.js";

export const docsAssistant: Agent = {
  id: "docs_assistant",
  title: "Docs assistant",
  purpose: "how Expanto works and is set up, what its words and statistics mean, how a metric is defined",
  duty: "agentic",
  tools: [searchDocs, readSection, searchMetrics, readMetric, searchCode, pageContext, offer],
  prompt: "docs-assistant"
};
