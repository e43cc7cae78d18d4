import {cp, mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import Database from "better-sqlite3";
import {afterAll, beforeAll, expect, test} from "vitest";
import {ask, program, server} from "../../scripts/torture/program.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

let tortured: Tortured;
beforeAll(async () => {
  tortured = await torturedWorkspace();
});
afterAll(() => rm(tortured.folder, {recursive: true}));

function statusesOf(jobs: number[], data = tortured.data): string[] {
  const db = new Database(join(data, "expanto.db"), {readonly: true});
  const query = db.prepare<[number], string>("select status from calculation_jobs where id = ?").pluck();
  const statuses = jobs.map((id) => query.get(id)!);
  db.close();
  return statuses;
}

test("a server that is stopped finishes what runs, cancels what waits, and ends with 0", async () => {
  const {url, kill, exited} = await server(tortured.folder);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  await rm(join(tortured.data, "cache"), {recursive: true});
  const asked = await Promise.all(
    [...tortured.results.keys()].map((id) => ask(url, "POST", `/observations/${id}/calculate`))
  );
  const stopped = kill("SIGTERM");
  await stopped;
  const statuses = statusesOf(asked.map(({body}) => body.id));
  expect(new Set(statuses)).toEqual(new Set(["completed", "cancelled"]));
  expect(await exited).toBe(0);
});

// A query that would take hours: nobody waits for it here.
const slow = `select range::varchar as unit_id, 'A' as group_name, sum(hash(range, other)) as orders_cnt
from range(10000000) join (select range as other from range(10000000)) on true group by all`;
const orders = `metric_group_name: Orders
metrics:
  - {alias: orders, type: avg, display_name: Orders, formula: {numerator: {alias: orders_cnt, sql: "COUNT(*)"}}}
`;

test("while it waits for what runs it says that it is not ready; asked a second time to stop, it cancels at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-stop-"));
  const written = {
    "metrics/orders.yaml": orders,
    "queries/slow.sql": slow,
    "tables/assignments.csv": "user_id\n1\n",
    "slow.yaml": "experiment: {name: slow}\nobservations: [{name: Main, split_id: user_id}]\n",
    "expanto.config.yaml":
      "folders: {data: data}\nwarehouse: {path: tables, memory_limit: 1GB}\nserver: {shutdown_seconds: 600}\nscenarios: {default: slow, templates: {slow: slow.sql}}\n"
  };
  for (const name of ["metrics", "queries", "tables"]) await mkdir(join(folder, name));
  for (const [name, text] of Object.entries(written)) await writeFile(join(folder, name), text);
  await cp(join(tortured.data, "site"), join(folder, "data", "site"), {recursive: true});
  expect(await program(folder, ["apply", "slow.yaml"]).exited).toBe(0);
  const {url, kill, pid, exited} = await server(folder);
  const {body} = await ask(url, "POST", "/observations/1/calculate");
  const status = async () => (await ask(url, "GET", `/jobs/${body.id}`)).body.status;
  await expect.poll(status, {timeout: 20_000}).toBe("running");
  process.kill(pid, "SIGTERM");
  const ready = async () => {
    const answer = await fetch(`${url}/ready`);
    return [answer.status, await answer.json()];
  };
  await expect.poll(ready).toEqual([503, {status: "not ready", reason: "the server is stopping"}]);
  expect([(await fetch(`${url}/health`)).status, await status()]).toEqual([200, "running"]);
  await kill("SIGTERM");
  expect([await exited, statusesOf([body.id], join(folder, "data"))]).toEqual([0, ["cancelled"]]);
  await rm(folder, {recursive: true});
});
