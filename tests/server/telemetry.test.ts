import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {json} from "node:stream/consumers";
import {resolve} from "node:path";
import {expect, test} from "vitest";
import {openAssistant} from "../../agents/assistant.js";
import {openaiModel} from "../../agents/model/openai.js";
import {seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import {createApp} from "../../server/app.js";
import {startTelemetry} from "../../server/telemetry.js";
import {fixtureParts} from "../browser/fixtures.js";
import {scriptedModel} from "../fixtures/scripted-model.js";

const page = {path: "/results/1", search: "", title: "canary-title", selection: ""};
const question = {chat: "telemetry-chat", question: "canary-question: what did this show?", page};

test("without a collector nothing is started", async () => {
  expect(await startTelemetry({})).toBe(null);
});

test("requests, models and tools are told with names and numbers, one inside the other, and nothing of what was said", async () => {
  const {all, spans, paths} = await toldOfOneQuestion({});
  expect(all).not.toMatch(/canary|Faster checkout|select/);
  const names = spans.map(({name}) => name).sort();
  expect(names).toEqual([
    "http POST",
    "model scripted",
    "model scripted",
    "model scripted",
    "tool assess",
    "tool results"
  ]);
  const http = spans.find(({name}) => name === "http POST")!;
  expect(
    spans.filter(({name}) => name !== "http POST").every(({parentSpanId}) => parentSpanId === http.spanId)
  ).toBe(true);
  expect(spans.find(({name}) => name === "tool results")!.status).toMatchObject({code: 2});
  expect(all).toMatch(/"input_tokens".{1,40}100/);
  expect(paths).toContain("/v1/metrics");
});

test("who asks for texts is told what was asked and answered, and no key", async () => {
  const {all} = await toldOfOneQuestion({EXPANTO_TRACE_TEXTS: "true"});
  expect(all).toContain("canary-question");
  expect(all).toContain("canary-answer");
  expect(all).toMatch(/"arguments".{1,40}observation/);
  expect(all).not.toContain("sk-canary-key");
});

// All that a collector is told while one question is answered with two tools, one of which fails.
async function toldOfOneQuestion(environment: NodeJS.ProcessEnv) {
  const received: {path: string; body: unknown}[] = [];
  const collector = createServer(async (request, response) => {
    received.push({path: request.url!, body: await json(request)});
    response.writeHead(200, {"content-type": "application/json"}).end("{}");
  }).listen(0, "127.0.0.1");
  await new Promise((ready) => collector.once("listening", ready));
  const telemetry = await startTelemetry({
    ...environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  });
  const workspace = await seededWorkspace();
  const endpoint = await scriptedModel();
  endpoint.script([
    {json: {route: "analyst", confidence: 1, follow_up_question: null}},
    {
      calls: [
        {name: "assess", args: {observation: 1}},
        {name: "results", args: {observation: 99}}
      ]
    },
    {text: "canary-answer"}
  ]);
  const model = openaiModel({baseUrl: endpoint.url, apiKey: "sk-canary-key", timeLimitMs: 5000}, "scripted");
  const chat = openAssistant(workspace, {
    root: resolve("."),
    models: {fast: model, agentic: model, thinker: model}
  });
  const app = createApp({...fixtureParts("."), chat});
  const url = "http://127.0.0.1:3000";
  const response = await app.request(`${url}/api/chat`, {
    method: "POST",
    headers: {Origin: url, "Content-Type": "application/json"},
    body: JSON.stringify(question)
  });
  expect(await response.text()).toContain('"finish":"answered"');
  await telemetry!.stop();
  await chat.close();
  await endpoint.close();
  collector.close();
  closeStore(workspace.store);
  const spans = spansOf(received.filter(({path}) => path === "/v1/traces").map(({body}) => body));
  return {all: JSON.stringify(received), spans, paths: received.map(({path}) => path)};
}

type Span = {name: string; spanId: string; parentSpanId?: string; status: {code?: number}};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- OTLP as it came
const spansOf = (bodies: any[]): Span[] =>
  bodies
    .flatMap(({resourceSpans}) => resourceSpans)
    .flatMap(({scopeSpans}) => scopeSpans)
    .flatMap(({spans}) => spans);
