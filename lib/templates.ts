import path from "node:path";
import {UserError} from "./errors.js";
import type {Problem} from "./errors.js";
import {dialects} from "./templates/dialects.js";
import type {DialectName} from "./templates/dialects.js";
import {renderTemplate} from "./templates/environment.js";
import {templateVariables} from "./templates/variables.js";
import type {Purpose} from "./templates/variables.js";
import type {Metric, Observation, UserAggregation} from "./types.js";

export type RenderOptions = {
  /** The folder of all scenarios, absolute: config.folders.queries. */
  folder: string;
  /** The entry template inside it, such as "duckdb/__entry__.sql". */
  entry: string;
  observation: Observation;
  metrics: Metric[];
  aggregations: UserAggregation[];
  /** planning: every unit of the window is one group, and the experiment's name is ignored. */
  purpose?: Purpose;
  dialect?: DialectName;
};

/**
 * Returns the SQL of one observation, ready to run. Filters and a query of people's own are parsed and written
 * anew first. Throws UserError with file, line and column for a mistake in a template, and without them for a
 * mistake in the observation.
 */
export async function renderObservation({
  folder,
  entry,
  observation,
  metrics,
  aggregations,
  purpose = "regular",
  dialect = "duckdb"
}: RenderOptions): Promise<string> {
  const variables = await templateVariables({observation, metrics, aggregations, purpose, dialect});
  const sql = renderTemplate({folder, entry, variables, dialect: dialects[dialect]}).trim();
  if (!sql) throw new UserError(`the template ${entry} gave no text`, "a template must give one query");
  return `${sql}\n`;
}

/**
 * Returns every mistake of every scenario's templates: each is rendered for an observation with nothing set and for
 * one with everything set, for both purposes. The text of the SQL is not run.
 */
export async function checkTemplates(
  folder: string,
  templates: Record<string, string>,
  metrics: Metric[]
): Promise<Problem[]> {
  const problems = new Map<string, Problem>();
  const aggregations = distinct(metrics.flatMap(({numerator, denominator}) => [numerator, denominator]));
  for (const entry of Object.values(templates))
    for (const observation of [bare, full])
      for (const purpose of ["regular", "planning"] as const) {
        const options = {folder, entry, observation, metrics, aggregations, purpose};
        const problem = await problemOf(options);
        if (problem) problems.set(JSON.stringify(problem), problem);
      }
  return [...problems.values()];
}

async function problemOf(options: RenderOptions): Promise<Problem | null> {
  try {
    await renderObservation(options);
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const place = error.place ?? {file: path.join(options.folder, options.entry), line: 1, column: 1};
    return {...place, severity: "error", message: error.message, hint: error.hint};
  }
}

function distinct(aggregations: (UserAggregation | null)[]): UserAggregation[] {
  const present = aggregations.filter((aggregation) => aggregation !== null);
  return [...new Map(present.map((aggregation) => [aggregation.alias, aggregation])).values()];
}

const bare: Observation = {
  id: 1,
  experimentId: 1,
  name: "checked",
  dbExperimentName: "checked",
  splitId: "user_id",
  scenario: "checked",
  exposureStart: null,
  exposureEnd: null,
  calcStart: null,
  calcEnd: null,
  exposureEvent: null,
  audienceTables: [],
  filters: [],
  eventFilters: [],
  customTestIdsQuery: null,
  metricTags: [],
  metricGroups: [],
  dimensions: [],
  createdAt: "2025-10-01T00:00:00.000Z",
  updatedAt: "2025-10-01T00:00:00.000Z"
};

const full: Observation = {
  ...bare,
  exposureStart: "2025-10-01T00:00:00.000Z",
  exposureEnd: "2025-10-08T00:00:00.000Z",
  calcStart: "2025-10-01T00:00:00.000Z",
  calcEnd: "2025-10-15T00:00:00.000Z",
  exposureEvent: "opened",
  audienceTables: ["audience"],
  filters: ["country = 'US'"],
  eventFilters: ["event_value > 0"],
  customTestIdsQuery: "select user_id, group_name, assigned_at from assignments",
  metricTags: ["tag"],
  metricGroups: ["group"],
  dimensions: ["country"]
};
