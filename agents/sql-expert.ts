import {listExperiments, readExperiment} from "./tools/experiments.js";
import {pageContext} from "./tools/lookup.js";
import {offer} from "./tools/offer.js";
import {queryDatabase} from "./tools/sql.js";
import type {Agent} from "./types.js";

export const sqlExpert: Agent = {
  id: "sql_expert",
  title: "SQL expert",
  purpose:
    "facts kept in the database: how many, which, when, whose; experiments, observations, jobs and why they failed",
  duty: "agentic",
  tools: [queryDatabase, listExperiments, readExperiment, pageContext, offer],
  prompt: "sql-expert"
};
