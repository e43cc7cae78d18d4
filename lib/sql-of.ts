import {nearest, UserError} from "./errors.js";
import {aggregationsOf} from "./metrics.js";
import {renderObservation} from "./templates.js";
import type {Config, Metric, Observation} from "./types.js";

/** Returns the SQL of an observation by its scenario's templates; throws a UserError where it cannot be rendered. */
export function sqlOf(
  {folders, scenarios, warehouse}: Config,
  observation: Observation,
  metrics: Metric[]
): Promise<string> {
  const aggregations = aggregationsOf(metrics);
  const entry = entryOf(scenarios.templates, observation.scenario);
  return renderObservation({
    folder: folders.queries,
    entry,
    observation,
    metrics,
    aggregations,
    dialect: warehouse.type
  });
}

function entryOf(templates: Record<string, string>, scenario: string): string {
  if (Object.hasOwn(templates, scenario)) return templates[scenario];
  const known = Object.keys(templates);
  const near = nearest(scenario, known);
  const defined = `scenarios.templates in expanto.config.yaml defines ${known.join(", ")}`;
  throw new UserError(`unknown scenario: ${scenario}`, near ? `did you mean ${near}?` : defined);
}
