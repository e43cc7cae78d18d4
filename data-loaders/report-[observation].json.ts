// The report of one observation for a page of one's own: FileAttachment("data/report-7.json").
import {parseArgs} from "node:util";
import {reportOf} from "../lib/report.js";
import {closeStore} from "../lib/store.js";
import {openWorkspace} from "../lib/workspace.js";

const {values} = parseArgs({options: {observation: {type: "string", default: ""}}});
const workspace = await openWorkspace(process.cwd());
process.stdout.write(JSON.stringify(await reportOf(workspace, Number(values.observation))));
closeStore(workspace.store);
