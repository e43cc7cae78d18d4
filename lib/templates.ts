import {UserError} from "./errors.js";
import {dialects} from "./templates/dialects.js";
import {renderTemplate} from "./templates/environment.js";
import {templateVariables} from "./templates/variables.js";
import type {EventKind, Purpose} from "./templates/variables.js";
import type {Metric, Observation, UserAggregation} from "./types.js";
import type {DialectName} from "./warehouse/connector.js";

export type RenderOptions = {
  /** The folder of all scenarios, absolute: config.folders.queries. */
  folder: string;
  /** The entry template inside it, such as "events/__entry__.sql". */
  entry: string;
  observation: Observation;
  metrics: Metric[];
  aggregations: UserAggregation[];
  /** planning: every unit of the window is one group, and the experiment's name is ignored. */
  purpose?: Purpose;
  dialect?: DialectName;
  /** What the template measures.sql is to keep. */
  kinds?: EventKind[];
  byDay?: boolean;
  /** Counts events from then on alone. */
  since?: string | null;
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
  dialect = "duckdb",
  kinds,
  byDay,
  since
}: RenderOptions): Promise<string> {
  const variables = await templateVariables({
    observation,
    metrics,
    aggregations,
    purpose,
    dialect,
    kinds,
    byDay,
    since
  });
  const sql = renderTemplate({folder, entry, variables, dialect: dialects[dialect]}).trim();
  if (!sql) throw new UserError(`the template ${entry} gave no text`, "a template must give one query");
  return `${sql}\n`;
}
