// npm run eval: every case on the rules, or on the endpoint that the environment names.

import {resolve} from "node:path";
import {openAssistant} from "../agents/assistant.js";
import {cases} from "./cases.js";
import {runCase, type Outcome} from "./run.js";
import {now, seededWorkspace} from "./seed.js";

const workspace = await seededWorkspace();
const {assistant, about, close} = openAssistant(workspace, {root: resolve(".")});
assistant.now = () => new Date(now);
const named = process.argv.slice(2);
const chosen = named.length ? cases.filter(({id}) => named.includes(id)) : cases;
const outcomes: Outcome[] = [];
for (const each of chosen) {
  const outcome = await runCase(each, assistant, {workspace, isOffline: about.model === null});
  outcomes.push(outcome);
  if (outcome.failures.length)
    console.log(`${outcome.id}\n${outcome.failures.map((why) => `  ${why}`).join("\n")}`);
  if (named.length) console.log(outcome.text);
}
const passed = outcomes.filter(({failures}) => !failures.length).length;
console.log(`${passed} of ${outcomes.length} cases`);
close();
process.exitCode = passed === outcomes.length ? 0 : 1;
