// npm run eval: every case on the rules, or on the endpoint that the environment names.

import {resolve} from "node:path";
import {openAssistant} from "../agents/assistant.js";
import {openaiModel} from "../agents/model/openai.js";
import {cases} from "./cases.js";
import {runCase, type Outcome} from "./run.js";
import {now, seededWorkspace} from "./seed.js";

const workspace = await seededWorkspace();
const {EVAL_BASE_URL: baseUrl, EVAL_MODEL: model = "", EVAL_API_KEY: apiKey = null} = process.env;
const one = baseUrl ? openaiModel({baseUrl, apiKey, timeLimitMs: 120_000}, model) : null;
const models = one ? {fast: one, agentic: one, thinker: one} : undefined;
const {assistant, close} = openAssistant(workspace, {root: resolve("."), models});
assistant.now = () => new Date(now);
const named = process.argv.slice(2);
const chosen = named.length ? cases.filter(({id}) => named.includes(id)) : cases;
const outcomes: Outcome[] = [];
for (const each of chosen) {
  const outcome = await runCase(each, assistant, {workspace, isOffline: one === null});
  outcomes.push(outcome);
  if (outcome.failures.length)
    console.log(`${outcome.id}\n${outcome.failures.map((why) => `  ${why}`).join("\n")}`);
  if (named.length) console.log(outcome.text);
}
const passed = outcomes.filter(({failures}) => !failures.length).length;
const tokens = outcomes.reduce((sum, {usage}) => sum + usage.input + usage.output, 0);
const seconds = outcomes.reduce((sum, {ms}) => sum + ms, 0) / 1000;
console.log(`${passed} of ${outcomes.length} cases; ${tokens} tokens, ${seconds.toFixed(1)} s`);
close();
process.exitCode = passed === outcomes.length ? 0 : 1;
