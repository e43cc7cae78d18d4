// The results of one observation for a page of one's own: FileAttachment("data/results-7.json").
import {parseArgs} from "node:util";
import {calculate} from "../lib/calculate.js";
import {closeStore, latestCompletedJob} from "../lib/store.js";
import {resultsView} from "../lib/views.js";
import {openWorkspace} from "../lib/workspace.js";

const {values} = parseArgs({options: {observation: {type: "string", default: ""}}});
const observation = Number(values.observation);
const workspace = await openWorkspace(process.cwd());
if (!latestCompletedJob(workspace.store, observation)) await calculate(workspace, observation);
process.stdout.write(JSON.stringify(await resultsView(workspace, observation)));
closeStore(workspace.store);
