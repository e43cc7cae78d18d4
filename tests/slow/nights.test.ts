// Nights on a warehouse that does not tell when its data changes.

import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {runNight} from "../../lib/schedule.js";
import {closeStore} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";
import {startPostgres, type PostgresServer} from "../fixtures/postgres-server.js";
import {makeShop, shopTables} from "../fixtures/shop.js";

const experiment = {
  experiment: {
    name: "Shop",
    status: "running",
    variants: [{name: "control", control: true}, {name: "it's new"}]
  },
  observations: [
    {
      name: "Main",
      db_experiment_name: "the mayor's \\ test",
      split_id: "user_id",
      calculation_scenario: "postgres",
      exposure_start_datetime: "2025-01-02",
      exposure_end_datetime: "2025-01-11",
      calc_end_datetime: "2025-01-18"
    }
  ]
};
const metrics = `metric_group_name: Shop
metrics:
  - {alias: revenue, type: avg, display_name: Revenue, formula: {numerator: {alias: revenue_sum, sql: SUM(event_value)}}}
`;

let server: PostgresServer;
let folder: string;
let workspace: Workspace;

beforeAll(async () => {
  server = await startPostgres();
  for (const sql of [...shopTables(makeShop(300)), "analyze"]) await server.run(sql);
  folder = mkdtempSync(join(tmpdir(), "expanto-nights-"));
  mkdirSync(join(folder, "metrics"));
  writeFileSync(join(folder, "metrics", "shop.yaml"), metrics);
  const {host, port, database, user} = server;
  writeFileSync(
    join(folder, "expanto.config.yaml"),
    `folders: {queries: ${resolve("queries")}}\nwarehouse: {type: postgres, host: ${host}, port: ${port}, database: ${database}, user: ${user}}\n`
  );
  process.env.EXPANTO_POSTGRES_PASSWORD = server.password;
  workspace = await openWorkspace(folder);
  applyExperimentFile(workspace.store, parseExperiment(experiment), {});
});
afterAll(async () => {
  delete process.env.EXPANTO_POSTGRES_PASSWORD;
  if (workspace) closeStore(workspace.store);
  await server?.stop();
  rmSync(folder, {recursive: true});
});

test("what still grows is calculated once a day, and once more after its windows have ended", async () => {
  const counts: [string, number, number, number][] = [];
  for (const at of ["10T03", "10T22", "11T03", "19T03", "20T03"]) {
    const {calculated, upToDate, failed} = await runNight(workspace, {now: () => `2025-01-${at}:00:00.000Z`});
    counts.push([at, calculated, upToDate, failed]);
  }
  expect(counts).toEqual([
    ["10T03", 1, 0, 0],
    ["10T22", 0, 1, 0],
    ["11T03", 1, 0, 0],
    ["19T03", 1, 0, 0],
    ["20T03", 0, 1, 0]
  ]);
});
