import {resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {openAssistant} from "../../agents/assistant.js";
import {callTool} from "../../agents/run.js";
import {plan} from "../../agents/tools/plan.js";
import {assessTool, results, segments} from "../../agents/tools/results.js";
import type {Tool, ToolResult} from "../../agents/types.js";
import {now, seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";

let workspace: Workspace;
let opened: ReturnType<typeof openAssistant>;

beforeAll(async () => {
  workspace = await seededWorkspace();
  opened = openAssistant(workspace, {root: resolve(".")});
});

afterAll(async () => {
  await opened.close();
  closeStore(workspace.store);
});

async function call(tool: Tool, address: string, args: object = {}): Promise<ToolResult> {
  const {pathname: path, search} = new URL(address, "http://localhost");
  const page = {path, search, title: "", selection: ""};
  const context = {...opened.assistant.parts, page, signal: AbortSignal.timeout(20_000), now: new Date(now)};
  return await callTool(tool, args, {context});
}

const valueOf = async (...asked: Parameters<typeof call>) =>
  (await call(...asked)).value as Record<string, unknown>;

test("a call that leaves everything open is about the page's observation, read as the page reads it", async () => {
  const address = "/results/10?confidence=0.9&variant=from+30&side=greater&correction=holm&sequential=true";
  const value = await valueOf(assessTool, address);
  expect(value).toMatchObject({
    observation: {id: 10},
    confidence: 0.9,
    compared: {control: "from 50", treatment: "from 30", other_treatments: ["from 40"]},
    chosen: [
      "from 30 against from 50",
      "90% confidence",
      "a one-sided test, is it higher",
      "corrected by Holm",
      "always-valid intervals"
    ]
  });
});

test("an argument counts more than the page, and {} means all units", async () => {
  const address = "/results/1?confidence=0.99&in=platform:ios";
  expect(await valueOf(results, address)).toMatchObject({
    chosen: ["only units with platform ios", "20,050 of 40,100 units", "99% confidence"]
  });
  const asked = {segment: {}, confidence: 0.95};
  expect(await valueOf(results, address, asked)).toMatchObject({chosen: [], units: {read: 40_100}});
});

test("what is chosen for one observation is not chosen for another", async () => {
  const value = await valueOf(results, "/results/1?confidence=0.99&in=platform:ios", {experiment: 2});
  expect(value).toMatchObject({observation: {id: 2}, confidence: 0.95, chosen: []});
});

test("what an address says wrongly is as the page opens", async () => {
  const address = "/results/1?confidence=7&variant=nobody&in=planet:mars&without=2025-01-01:moon&cuped=true";
  expect(await valueOf(results, address)).toMatchObject({confidence: 0.95, chosen: []});
});

test("the page that a result links to asks the same of it", async () => {
  const address = "/results/1?confidence=0.99&scale=absolute&interval=log&in=platform%3Aios";
  const first = await call(results, address);
  const second = await call(results, first.href!);
  expect(second.value).toEqual(first.value);
  expect(second.href).toBe(first.href);
  expect(new URL(first.href!, "http://localhost").searchParams.getAll("in")).toEqual(["platform:ios"]);
});

test("segments are read at the page's confidence, and only those of its slice", async () => {
  const wide = await valueOf(segments, "/results/1");
  const narrow = await valueOf(segments, "/results/1?confidence=0.99&in=platform:ios");
  const rows = ({segments}: Record<string, unknown>) =>
    segments as {segment: string; low: number; high: number}[];
  expect(rows(wide).map(({segment}) => segment)).toEqual(["ios", "web"]);
  expect(rows(narrow).map(({segment}) => segment)).toEqual(["ios"]);
  const width = ({low, high}: {low: number; high: number}) => high - low;
  expect(width(rows(narrow)[0])).toBeGreaterThan(width(rows(wide)[0]));
});

test("a plan is of the Planner's question: 50:50 unless its address says otherwise, whatever variants the experiment had", async () => {
  expect(await valueOf(plan, "/planner?from=10")).toMatchObject({
    shares: [50, 50],
    traffic_of: {observation: 10}
  });
  const address =
    "/planner?from=10&metrics=revenue_per_user,orders_per_user&shares=60:20:20&power=0.9&confidence=0.99&side=greater&corrected=false&sequential=true&days=21&lift=0.04";
  expect(await valueOf(plan, address)).toMatchObject({
    lift: 0.04,
    days_asked: 21,
    power: 0.9,
    confidence: 0.99,
    shares: [60, 20, 20],
    side: "greater",
    corrected: false,
    sequential: true,
    plans: [{metric: "revenue_per_user"}, {metric: "orders_per_user"}]
  });
});

test("the Planner that a plan offers says the same numbers", async () => {
  const first = await call(plan, "/results/10", {observation: 10, lift: 0.03, power: 0.9, shares: [70, 30]});
  const second = await call(plan, first.href!);
  expect(second.value).toEqual(first.value);
});

test("without an address the Planner plans from the experiment with the most units", async () => {
  expect(await valueOf(plan, "/planner")).toMatchObject({traffic_of: {experiment: "Bigger baskets"}});
});

test.each(["typed", "units"])("a plan from %s is refused: its numbers are not known", async (from) => {
  await expect(call(plan, `/planner?from=${from}`)).rejects.toThrow(/which I do not see/);
});
