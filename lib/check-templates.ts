import {existsSync} from "node:fs";
import {join, posix} from "node:path";
import {UserError, type Problem} from "./errors.js";
import {aggregationsOf} from "./metrics.js";
import {renderObservation} from "./templates.js";
import type {Metric, Observation} from "./types.js";
import {openDuckDB} from "./warehouse/duckdb.js";

/** Returns what is wrong with each scenario's templates: each is rendered with every metric, and its SQL parsed. */
export async function checkTemplates(
  folder: string,
  templates: Record<string, string>,
  metrics: Metric[]
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [scenario, entry] of Object.entries(templates)) {
    for (const purpose of ["regular", "planning"] as const) {
      const problem = await checkScenario(folder, {scenario, entry, metrics, purpose});
      if (problem && !problems.some((known) => isSame(known, problem))) problems.push(problem);
    }
  }
  return problems;
}

const isSame = (a: Problem, b: Problem) =>
  a.file === b.file && a.line === b.line && a.column === b.column && a.message === b.message;

type Scenario = {scenario: string; entry: string; metrics: Metric[]; purpose: "regular" | "planning"};

async function checkScenario(
  folder: string,
  {scenario, entry, metrics, purpose}: Scenario
): Promise<Problem | null> {
  const observation = {...example, scenario};
  const aggregations = aggregationsOf(metrics);
  const beside = ["measures.sql", "formulas.sql"].map((name) => posix.join(posix.dirname(entry), name));
  const days = posix.join(posix.dirname(entry), "event_days.sql");
  const optional = existsSync(join(folder, days)) ? [days] : [];
  const pieces = beside.every((name) => existsSync(join(folder, name))) ? [...beside, ...optional] : [];
  for (const file of [entry, ...pieces]) {
    try {
      const kinds = [{event: "example", where: "event_value > 1", columns: ["event_value"]}];
      const asked = {folder, observation, metrics, aggregations, purpose, kinds};
      await parse(await renderObservation({...asked, entry: file}));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const place = error.place ?? {file: join(folder, file), line: 1, column: 1};
      const message = `scenario ${scenario}: ${error.message}`;
      return {...place, severity: "error", message, hint: error.hint};
    }
  }
  return null;
}

async function parse(sql: string) {
  const duckdb = await openDuckDB();
  try {
    await duckdb.parse(sql);
  } finally {
    duckdb.close();
  }
}

const example: Observation = {
  id: 1,
  experimentId: 1,
  name: "Example",
  dbExperimentName: "example",
  splitId: "user_id",
  scenario: "",
  exposureStart: "2025-10-01T00:00:00.000Z",
  exposureEnd: "2025-10-15T00:00:00.000Z",
  calcStart: "2025-10-01T00:00:00.000Z",
  calcEnd: "2025-10-29T00:00:00.000Z",
  exposureEvent: "example_event",
  audienceTables: ["example_audience"],
  filters: ["country = 'DE'"],
  eventFilters: ["event_value >= 0"],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: ["country"],
  preDays: 14,
  horizonDays: 7,
  createdAt: "2025-10-01T00:00:00.000Z",
  updatedAt: "2025-10-01T00:00:00.000Z"
};
