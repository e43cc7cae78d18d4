import {rm} from "node:fs/promises";
import {join} from "node:path";
import Database from "better-sqlite3";
import {afterAll, beforeAll, expect, test} from "vitest";
import {ask, server} from "../../scripts/torture/program.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

let tortured: Tortured;
beforeAll(async () => {
  tortured = await torturedWorkspace();
});
afterAll(() => rm(tortured.folder, {recursive: true}));

function statusesOf(jobs: number[]): string[] {
  const db = new Database(join(tortured.data, "expanto.db"), {readonly: true});
  const query = db.prepare<[number], string>("select status from calculation_jobs where id = ?").pluck();
  const statuses = jobs.map((id) => query.get(id)!);
  db.close();
  return statuses;
}

test("a server that is stopped says that it is not ready, finishes what runs, cancels what waits, and ends with 0", async () => {
  const {url, kill, exited} = await server(tortured.folder);
  expect((await fetch(`${url}/ready`)).status).toBe(200);
  await rm(join(tortured.data, "cache"), {recursive: true});
  const asked = await Promise.all(
    [...tortured.results.keys()].map((id) => ask(url, "POST", `/observations/${id}/calculate`))
  );
  const stopped = kill("SIGTERM");
  const answers = await Promise.allSettled([fetch(`${url}/ready`), fetch(`${url}/health`)]);
  for (const answer of answers)
    if (answer.status === "fulfilled") expect([200, 503]).toContain(answer.value.status);
  await stopped;
  const statuses = statusesOf(asked.map(({body}) => body.id));
  expect(new Set(statuses)).toEqual(new Set(["completed", "cancelled"]));
  expect(await exited).toBe(0);
});
