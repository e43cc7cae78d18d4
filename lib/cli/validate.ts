import {resolve} from "node:path";
import {loadConfig} from "../config.js";
import {describeProblem, UserError} from "../errors.js";
import {validateMetrics} from "../metrics.js";
import {counted} from "../stats/words.js";
import {checkTemplates} from "../check-templates.js";
import type {Io} from "./main.js";

/** Prints every problem of every metric and template at once; throws a UserError where one is an error. */
export async function validate({metrics, queries}: {metrics?: string; queries?: string}, io: Io) {
  const config = await loadConfig(io.folder);
  const registry = await validateMetrics(metrics ? resolve(metrics) : config.folders.metrics);
  const folder = queries ? resolve(queries) : config.folders.queries;
  const templates = await checkTemplates(folder, config.scenarios.templates, registry.metrics);
  const problems = [...registry.problems, ...templates];
  for (const problem of problems) io.out(describeProblem(problem));
  const errors = problems.filter(({severity}) => severity === "error").length;
  if (errors) throw new UserError(`${counted(errors, "error")} found`, "repair them and run it again");
  io.out(
    `${counted(registry.metrics.length, "metric")} and ${counted(Object.keys(config.scenarios.templates).length, "scenario")}: all sound.`
  );
}
