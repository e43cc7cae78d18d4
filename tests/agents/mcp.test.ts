import {dirname, resolve} from "node:path";
import {Client} from "@modelcontextprotocol/sdk/client/index.js";
import {StdioClientTransport} from "@modelcontextprotocol/sdk/client/stdio.js";
import {afterAll, beforeAll, expect, test} from "vitest";
import {seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";

const client = new Client({name: "test", version: "1"});

beforeAll(async () => {
  const {config, store} = await seededWorkspace();
  closeStore(store);
  const args = [resolve("bin/expanto.js"), "mcp"];
  await client.connect(
    new StdioClientTransport({command: process.execPath, args, cwd: dirname(config.file)})
  );
});

afterAll(() => client.close());

const call = async (name: string, args: Record<string, unknown>) => {
  const {content, isError} = await client.callTool({name, arguments: args});
  return {text: (content as {text: string}[])[0].text, isError: isError ?? false};
};

test("a client sees the tools that read, and none that acts or belongs to a page", async () => {
  const {tools} = await client.listTools();
  const names = tools.map(({name}) => name);
  expect(names).toEqual(
    expect.arrayContaining(["assess", "results", "plan", "search_docs", "query_database"])
  );
  expect(names).not.toEqual(expect.arrayContaining(["page_context"]));
  expect(tools.every(({annotations}) => annotations?.readOnlyHint)).toBe(true);
  expect(tools.find(({name}) => name === "results")!.inputSchema.properties).toHaveProperty("observation");
});

test("a call gives what the chat's agents are given, an unlawful one says what is wrong", async () => {
  const {text} = await call("results", {experiment: "Faster checkout", metrics: ["purchase_conversion"]});
  expect(JSON.parse(text).metrics[0].lift).toBeCloseTo(0.13 / 0.12 - 1, 12);
  expect(await call("query_database", {sql: "delete from experiments"})).toEqual({
    text: "only one SELECT can be run; mend the SQL, and run it again",
    isError: true
  });
  expect((await call("results", {experiment: "Nowhere"})).text).toMatch(/^there is no experiment Nowhere/);
  expect((await call("start_experiment", {})).isError).toBe(true);
});

test("the analyst's way of reading is a prompt", async () => {
  const {messages} = await client.getPrompt({name: "analyst"});
  expect(JSON.stringify(messages)).toContain("guardrail");
});
