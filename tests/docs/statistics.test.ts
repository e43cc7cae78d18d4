import {readFile} from "node:fs/promises";
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
