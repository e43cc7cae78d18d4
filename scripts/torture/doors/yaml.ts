// The doors of YAML: metric files and experiment files.

import {rm} from "node:fs/promises";
import {mkdtempSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import fc from "fast-check";
import {stringify} from "yaml";
import {applyExperimentFile, exportExperiment, parseExperiment} from "../../../lib/experiment-file.js";
import {readYaml} from "../../../lib/experiment-file/read.js";
import {formulaProblems} from "../../../lib/metrics/formula.js";
import {readMetricFile} from "../../../lib/metrics/read.js";
import {metricYaml} from "../../../lib/metrics/written.js";
import {closeStore, experimentByName, openStore, type Store} from "../../../lib/store.js";
import {UserError} from "../../../lib/errors.js";
import type {Door, Outcome} from "./door.js";
import {nodesIn, type Engine} from "./engine.js";
import {refusal, wellFormed} from "./places.js";
import {sqlDoor, type Place} from "./sql.js";
import {hostileFormula} from "./sql-texts.js";
import {hostileText} from "./texts.js";

// A file is UTF-8, which has no half characters.
const wholeText = hostileText.map(wellFormed);

/** A text as a field's value: written as YAML writes it, or pasted as it is. */
const field = fc.oneof(
  {weight: 2, arbitrary: wholeText.map((text) => stringify(text).trimEnd())},
  {weight: 1, arbitrary: wholeText},
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "&a [*a]",
      "*x",
      "!!js/function 'x'",
      "!!binary AA==",
      "{__proto__: {polluted: 1}}",
      "<<: {a: 1}",
      "? x",
      "- - -",
      "!!set {a}",
      "|\n  x",
      "'",
      "1e999",
      ".nan",
      "2025-13-45",
      "0o7",
      "~"
    )
  }
);

const metricText = fc
  .tuple(field, field, field, field)
  .map(
    ([group, title, description, tag]) =>
      `metric_group_name: ${group}\nmetrics:\n  - alias: sum_of_a\n    type: avg\n    display_name: ${title}\n    description: ${description}\n    tags: [a, ${tag}]\n    formula:\n      numerator: {alias: sum_of_a, sql: SUM(a)}\n`
  );

const polluted = () => "polluted" in {} || Object.keys(Object.prototype).length > 0;

function judgeMetricText(text: string): Outcome {
  try {
    const problems: string[] = [];
    const placed = readMetricFile(text, "hostile.yaml", (severity, {line}, message) => {
      if (!(line >= 1)) throw new Error(`a problem stands at line ${line}`);
      if (severity === "error") problems.push(message);
    });
    if (polluted()) return {escaped: "every object has a new field"};
    const metric = placed[0]?.metric;
    if (problems.length || !metric) return "refused";
    const again = readMetricFile(metricYaml(metric), "hostile.yaml", () => {})[0]?.metric;
    const same = (each: typeof again) => JSON.stringify({...each, source: null});
    return same(metric) === same(again) ? "kept" : {escaped: "written, it reads as another metric"};
  } catch (error) {
    return refusal(error);
  }
}

const metricFiles: Door<string> = {
  name: "metric files",
  inputs: metricText,
  judge: async (texts) => texts.map(judgeMetricText)
};

/** Where a formula stands: one expression of an aggregation, without a table of its own. */
export const formulaPlace: Place = {
  around: (sql) =>
    `select country, coalesce(${sql}, 0) as formula from units where unit_id = 1 group by country`,
  taken(tree) {
    const call = tree.select_list?.[1];
    if (call?.children?.length !== 2) return null;
    return call.children.shift();
  },
  problem(inner) {
    for (const node of nodesIn(inner)) {
      if (node.class === "SUBQUERY") return "it holds a subquery";
      if (node.type === "BASE_TABLE" || node.type === "TABLE_FUNCTION") return "it reads a table";
      if (node.class === "WINDOW") return "it is a window";
    }
    return null;
  },
  empty: null,
  shown: null
};

const checkFormula = (sql: string) => {
  const [problem] = formulaProblems(sql);
  if (problem) throw new UserError(problem.message, problem.hint);
  return sql;
};

const fileText = fc
  .tuple(field, field, field, field, field)
  .map(
    ([name, description, variant, observation, filter]) =>
      `experiment:\n  name: ${name}\n  description: ${description}\n  status: running\n  variants:\n    - {name: a, control: true}\n    - name: ${variant}\nobservations:\n  - name: ${observation}\n    split_id: user_id\n    calculation_scenario: duckdb\n    filters:\n      - ${filter}\n`
  );

/** Returns the door of experiment files, which are applied to a store and written from it again. */
export async function experimentFiles(): Promise<{door: Door<string>; close: () => Promise<void>}> {
  const folder = mkdtempSync(join(tmpdir(), "expanto-hostile-"));
  const store = await openStore(join(folder, "expanto.db"));
  store.pragma("synchronous = off");
  const others = () => store.prepare("select count(*) from experiments").pluck().get() as number;
  return {
    door: {
      name: "experiment files",
      inputs: fileText,
      judge: async (texts) => {
        store.pragma("foreign_keys = off");
        store.exec("delete from observations; delete from experiments");
        store.pragma("foreign_keys = on");
        return texts.map((text) => judgeFileText(text, store, others));
      }
    },
    async close() {
      closeStore(store);
      await rm(folder, {recursive: true});
    }
  };
}

function judgeFileText(text: string, store: Store, count: () => number): Outcome {
  try {
    const written = readYaml(text, "hostile.yaml", {});
    if (polluted()) return {escaped: "every object has a new field"};
    const file = parseExperiment(written);
    const before = count();
    const isNew = !experimentByName(store, file.experiment.name);
    applyExperimentFile(store, file);
    if (count() !== before + (isNew ? 1 : 0)) return {escaped: "the store has other experiments"};
    const kept = experimentByName(store, file.experiment.name)!;
    const again = parseExperiment(readYaml(exportExperiment(store, kept), "again.yaml", {}));
    const told = ({experiment: {name, description}, observations}: typeof again) =>
      JSON.stringify([name, description ?? null, observations.at(-1)!.name, observations.at(-1)!.filters]);
    return !isNew || told(again) === told(file) ? "kept" : {escaped: `written, it reads as ${told(again)}`};
  } catch (error) {
    return refusal(error);
  }
}

/** Returns the doors of metric files, and of the formulas in them. */
export const metricDoors = (engine: Engine): Door<string>[] => [
  metricFiles,
  sqlDoor("formulas", {
    engine,
    inputs: hostileFormula,
    place: formulaPlace,
    model: "sum(age)",
    check: checkFormula
  })
];
