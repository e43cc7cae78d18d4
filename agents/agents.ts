// Who there is to ask. The internet searcher sees the web and nothing else; nobody else sees the web.

import {analyst} from "./analyst.js";
import {docsAssistant} from "./docs-assistant.js";
import {experimentCreator} from "./experiment-creator.js";
import {internetSearch} from "./internet-search.js";
import {sqlExpert} from "./sql-expert.js";
import type {Agent, ToolContext} from "./types.js";
import {universal} from "./universal.js";

/** Returns the agents that can work: without a key for the web, nobody searches it. */
export function agentsOf({searchWeb}: Pick<ToolContext, "searchWeb">): Agent[] {
  const always = [experimentCreator, analyst, sqlExpert, docsAssistant, universal];
  return searchWeb ? [...always, internetSearch] : always;
}
