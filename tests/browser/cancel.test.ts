import {mkdir, mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Browser} from "playwright-core";
import {afterAll, beforeAll, expect, test} from "vitest";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {closeStore} from "../../lib/store.js";
import {openWorkspace} from "../../lib/workspace.js";
import {start} from "../../server/start.js";
import {launch, openPage} from "./browser.js";

// A query that would take hours: whoever asked for it has to stop it.
const slow = `select range::varchar as unit_id, 'A' as group_name, sum(hash(range, other)) as orders_cnt
from range(10000000) join (select range as other from range(10000000)) on true group by all`;

const stop = new AbortController();
const seen = {requests: [] as string[], problems: [] as string[]};
let browser: Browser;
let served: Promise<void>;
let url: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-cancel-"));
  for (const name of ["metrics", "queries", "tables"]) await mkdir(join(folder, name));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    "folders: {metrics: metrics, queries: queries, data: data}\nwarehouse: {type: duckdb, path: tables, memory_limit: 1GB}\nscenarios: {default: slow, templates: {slow: slow.sql}}\n"
  );
  await writeFile(
    join(folder, "metrics", "orders.yaml"),
    `metric_group_name: Orders\nmetrics:\n  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_cnt, sql: "COUNT(*)"}}}\n`
  );
  await writeFile(join(folder, "queries", "slow.sql"), slow);
  await writeFile(join(folder, "tables", "assignments.csv"), "user_id\n1\n");
  const workspace = await openWorkspace(folder);
  const file = {experiment: {name: "slow"}, observations: [{name: "Main", split_id: "user_id"}]};
  applyExperimentFile(workspace.store, parseExperiment(file, {defaultScenario: "slow"}), {});
  closeStore(workspace.store);
  url = await new Promise((ready, fail) => {
    const say = (text: string) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (address) ready(address);
    };
    served = start({folder, port: 0, say, signal: stop.signal});
    served.catch(fail);
  });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stop.abort();
  await served;
});

test("a job that is waited for says how long, is cancelled by a button, and leaves no number behind", async () => {
  const page = await openPage(browser, `${url}/observations?experiment=1`, {}, seen);
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText(/Calculating … .*\d+(\.\d)? m?s/).waitFor();
  await page.getByRole("button", {name: "Cancel", exact: true}).click();
  await page.locator("summary", {hasText: "Job 1 cancelled"}).waitFor();
  expect(await page.getByRole("link", {name: "Results"}).count()).toBe(1);
  const {observations} = await (await fetch(`${url}/api/experiments/1`)).json();
  expect(observations[0].jobs).toMatchObject([
    {id: 1, status: "cancelled", error: "cancelled before it finished"}
  ]);
  await page.getByRole("button", {name: "Run again"}).waitFor();
  await page.context().close();
  expect(seen.problems).toEqual([]);
});
