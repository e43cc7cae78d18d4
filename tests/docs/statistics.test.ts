import {readFile} from "node:fs/promises";
import {runInNewContext} from "node:vm";
import {build} from "esbuild";
import {expect, test} from "vitest";
import {computeFamily, families} from "../../lib/stats/families.js";

type Example = {family: string; input: unknown; gives: Record<string, unknown>};
const guide = await readFile("docs/statistics.md", "utf8");
const examples = [...guide.matchAll(/```json example\n([\s\S]*?)```/g)].map(
  (match) => JSON.parse(match[1]) as Example
);

test("every family of calculation has a worked example", () => {
  expect(families.filter((family) => !examples.some((example) => example.family === family))).toEqual([]);
});

test.each(examples)(
  "the worked example of $family gives what the guide says, to the digits it shows",
  ({family, input, gives}) => {
    const output = computeFamily(family, input);
    for (const [field, value] of Object.entries(gives))
      expect([field, rounded(output[field])]).toEqual([field, rounded(value)]);
  }
);

// The guide shows six significant digits.
function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}

const programs = [...guide.matchAll(/```ts example\n([\s\S]*?)\/\/ gives (\{.*\})\n```/g)];

test("methods without a family have a worked example as well", () => {
  expect(programs.map(([text]) => /from "\.\.\/lib\/stats\/([^"]+)\.js"/.exec(text)![1])).toEqual([
    "stratify",
    "heterogeneity",
    "interaction",
    "non-inferiority",
    "plan",
    "shrink"
  ]);
});

test.each(programs.map(([, program, gives]) => [program, gives]))(
  "a program of the guide gives what it says",
  async (program, gives) => {
    const found = (await run(program)) as Record<string, unknown>;
    expect(Object.fromEntries(Object.entries(found).map(([name, value]) => [name, rounded(value)]))).toEqual(
      JSON.parse(gives)
    );
  }
);

async function run(program: string): Promise<unknown> {
  const {outputFiles} = await build({
    stdin: {contents: program, resolveDir: "docs", loader: "ts"},
    bundle: true,
    write: false,
    format: "iife",
    globalName: "example"
  });
  return runInNewContext(`${outputFiles[0].text}; example.gives`);
}
