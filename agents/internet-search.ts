import {searchWeb} from "./tools/lookup.js";
import type {Agent} from "./types.js";

export const internetSearch: Agent = {
  id: "internet_search",
  title: "Internet search",
  purpose: "what is known outside: articles, methods, benchmarks; only where the web is asked for",
  duty: "agentic",
  tools: [searchWeb],
  prompt: "internet-search"
};
