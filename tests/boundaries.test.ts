import {createRequire} from "node:module";
import {resolve} from "node:path";
import {cruise, type ICruiseResult, type IFlattenedRuleSet} from "dependency-cruiser";
import {expect, test} from "vitest";

const {forbidden, options} = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
const folders = ["lib", "agents", "eval", "server", "data-loaders", "src", "scripts"];
test("every module imports only what the table of the house allows, and there is no cycle", async () => {
  expect(await violations(folders)).toEqual([]);
});

test("a statistic that imports Node or the rest of lib is caught", async () => {
  const found = await violations(["lib"], "tests/fixtures/boundaries");
  expect(found.sort()).toEqual([
    "statistics-need-no-node: lib/stats/planted.ts → fs",
    "statistics-stand-alone: lib/stats/planted.ts → lib/errors.ts"
  ]);
});

async function violations(files: string[], baseDir = "."): Promise<string[]> {
  const ruleSet: IFlattenedRuleSet = {forbidden};
  const {output} = await cruise(files, {...options, baseDir: resolve(baseDir), validate: true, ruleSet});
  return (output as ICruiseResult).summary.violations.map(
    ({rule, from, to}) => `${rule.name}: ${from} → ${to}`
  );
}
