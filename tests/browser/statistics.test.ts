// The statistics where people meet them: in a browser, with the network blocked.
import {readdirSync, readFileSync} from "node:fs";
import {dirname, join, relative, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";
import type {Browser, Page} from "playwright-core";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {families} from "../../lib/stats/families.js";
import {bundle, bundleOf} from "../../scripts/bundle.js";
import {goldenCases, misses} from "../lib/stats/golden.js";
import {launch, root} from "./browser.js";

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  page = await browser.newPage();
  await page.route("**/*", (route) => route.abort());
  await page.addScriptTag({content: await bundle(join(root, "lib/stats/families.ts"), "stats")});
}, 60_000);

afterAll(() => browser?.close());

describe.each(families)("%s in a browser", (family) => {
  test("meets every reference number within its tolerance", async () => {
    const cases = goldenCases(family);
    const outputs = await computed(
      family,
      cases.map(({input}) => input)
    );
    expect(outputs).toHaveLength(cases.length);
    const failures = cases.map((item, i) => [item.id, misses(item, outputs[i])]);
    expect(failures.filter(([, fields]) => fields.length > 0)).toEqual([]);
  });
});

test("no reference file is left out", () => {
  const folder = fileURLToPath(new URL("../fixtures/golden", import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith(".shared.json"));
  expect(files.map((file) => file.replace(".shared.json", "")).sort()).toEqual([...families].sort());
});

// JSON knows no infinity; the tagged text does.
async function computed(family: string, inputs: unknown[]): Promise<Record<string, unknown>[]> {
  const text = await page.evaluate(
    ([family, inputs]) => {
      type Stats = {computeFamily: (family: string, input: unknown) => unknown};
      const {stats} = globalThis as unknown as {stats: Stats};
      const tagged = (_: string, value: unknown) =>
        typeof value === "number" && !Number.isFinite(value) ? `number:${value}` : value;
      return JSON.stringify(
        (inputs as unknown[]).map((input) => stats.computeFamily(family as string, input)),
        tagged
      );
    },
    [family, inputs] as const
  );
  return JSON.parse(text, (_, value) =>
    typeof value === "string" && value.startsWith("number:") ? Number(value.slice(7)) : value
  );
}

describe("the statistics a page loads", () => {
  const pages = readdirSync(join(root, "src"), {recursive: true, encoding: "utf8"})
    .filter(
      (path) => path.endsWith(".md") && readFileSync(join(root, "src", path), "utf8").includes("/api.js")
    )
    .map((path) => join(root, "src", path))
    .filter((path) => reachable(path).some((file) => importsOf(file).length > 0));

  test("are those of seven pages", () => {
    expect(pages.map((path) => relative(join(root, "src"), path)).sort()).toEqual([
      "compare.md",
      "file.md",
      "index.md",
      "metrics.md",
      "observations.md",
      "planner.md",
      join("results", "[observation].md")
    ]);
  });

  test.each(pages.map((path) => [relative(root, path), path]))(
    "%s: at most 12 kB gzipped",
    async (_, path) => {
      const imports = reachable(path).flatMap(importsOf);
      const size = gzipSync(await bundleOf(imports, join(root, "src")), {level: 9}).length;
      expect(size).toBeLessThanOrEqual(12 * 1024);
    }
  );
});

// A page with the components it takes, and those that they take.
function reachable(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const found = [...text.matchAll(/^import (?!type )[^;]*? from "(\.\.?\/[^"]+)\.js"/gm)]
    .map(([, path]) => resolve(dirname(file), `${path}.ts`))
    .filter((path) => path.includes("/components/"));
  return [file, ...found.flatMap((path) => reachable(path, seen))];
}

// Every name that a page or a component takes from lib/stats, types left out; writing a number is no statistic.
function importsOf(file: string): {module: string; names: string[]}[] {
  const found = readFileSync(file, "utf8").matchAll(
    /^import \{([^}]*)\} from "(?:\.\.?\/)+(stats\/(?!format\.)[^"]+)"/gm
  );
  return [...found]
    .map(([, list, module]) => ({module: `./${module}`, names: valuesOf(list)}))
    .filter(({names}) => names.length > 0);
}

function valuesOf(list: string): string[] {
  return list
    .split(",")
    .map((item) => item.trim().split(" as ")[0])
    .filter((name) => name && !name.startsWith("type "));
}
