// The results of one observation for a page of one's own: FileAttachment("data/results-7.json").
import {parseArgs} from "node:util";
import {calculate} from "../lib/calculate.js";
import {UserError} from "../lib/errors.js";
import {closeStore, latestCompletedJob} from "../lib/store.js";
import {resultsView} from "../lib/views.js";
import {openWorkspace} from "../lib/workspace.js";

const {values} = parseArgs({options: {observation: {type: "string", default: ""}}});
const observation = Number(values.observation);
const workspace = await openWorkspace(process.cwd());
if (!latestCompletedJob(workspace.store, observation)) {
  const {status, error, facts} = await calculate(workspace, observation);
  // A page without its numbers must not be built.
  if (status !== "completed") throw new UserError(error ?? status, facts.hint ?? null);
}
process.stdout.write(JSON.stringify(await resultsView(workspace, observation)));
closeStore(workspace.store);
