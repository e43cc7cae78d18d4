import {resolve} from "node:path";
import type {Command} from "commander";
import {loadConfig} from "../config.js";
import {describeProblem, UserError} from "../errors.js";
import {loadMetrics} from "../metrics.js";
import {checkTemplates} from "../check-templates.js";
import type {Io} from "./main.js";

/** Adds `expanto validate`: every problem of every metric and template at once. */
export function addValidate(program: Command, io: Io) {
  program
    .command("validate")
    .description("check all metrics and query templates; every problem at its file:line:column")
    .option("--metrics <folder>", "check this folder of metrics instead of the configured one")
    .option("--queries <folder>", "check this folder of templates instead of the configured one")
    .action(async ({metrics, queries}: {metrics?: string; queries?: string}) => {
      const config = await loadConfig(process.cwd());
      const registry = await loadMetrics(metrics ? resolve(metrics) : config.folders.metrics);
      const templates = await checkTemplates(
        queries ? resolve(queries) : config.folders.queries,
        config.scenarios.templates,
        registry.metrics
      );
      const problems = [...registry.problems, ...templates];
      for (const problem of problems) io.out(describeProblem(problem));
      const errors = problems.filter(({severity}) => severity === "error").length;
      if (errors)
        throw new UserError(
          `${errors} ${errors === 1 ? "error" : "errors"} found`,
          "repair them and run it again"
        );
      io.out(
        `${registry.metrics.length} metrics and ${Object.keys(config.scenarios.templates).length} scenarios are sound.`
      );
    });
}
