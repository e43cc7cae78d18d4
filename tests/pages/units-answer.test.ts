import {expect, test} from "vitest";
import type {Cells} from "../../lib/stats/cells.js";
import type {ResultsView} from "../../lib/view-types.js";
import {unitsAddress, unitsQuestionIn} from "../../src/components/ask-units.js";
import {answeredCells} from "../../src/components/units-answer.js";

const info = (alias: string, type: string) => ({
  metric: {alias, title: alias, type, role: "other", goal: "increase"},
  arms: ["A", "B"].map((variant) => ({variant, moments: null, reason: null}))
});
const view = {metrics: [info("revenue", "mean"), info("p90", "quantile"), info("other", "mean")]};

// Two variants in two countries; France is the larger.
const cells: Cells = {
  variants: ["A", "B"],
  keys: [{name: "country", values: ["DE", "FR"]}],
  variant: [0, 0, 1, 1],
  at: [[0, 1, 0, 1]],
  units: [100, 300, 100, 300],
  metrics: [
    {alias: "revenue", n: null, means: [[10, 20, 11, 20]], products: [[990, 2990, 990, 2990]]},
    {
      alias: "p90",
      n: [90, 290, 90, 290],
      means: [[5, 6, 5, 9]],
      products: [[89, 289, 89, 289]],
      isQuantile: true
    }
  ]
};
const options = {
  control: "A",
  treatment: "B",
  treatments: ["B"],
  scale: "relative",
  isValid: true,
  confidence: 0.95
} as const;
const asked = {...options, treatments: ["B"]};

test("each value has its units and the effect of every metric that was asked, the largest first", () => {
  const found = answeredCells(view as unknown as ResultsView, {by: "country", cells}, asked);
  expect(
    found.map(({value, units, findings}) => [
      value,
      units,
      findings.map(({metric, effect, verdict}) => [metric.alias, effect!.treatment, verdict])
    ])
  ).toEqual([
    [
      "FR",
      [300, 300],
      [
        ["revenue", 20, "unclear"],
        ["p90", 9, "better"]
      ]
    ],
    [
      "DE",
      [100, 100],
      [
        ["revenue", 11, "better"],
        ["p90", 5, "unclear"]
      ]
    ]
  ]);
});

test("all units together: means add up, and a quantile of several cells has no value", () => {
  const [{units, findings}] = answeredCells(view as unknown as ResultsView, {by: null, cells}, asked);
  expect(units).toEqual([400, 400]);
  expect(findings.map(({effect}) => effect?.control ?? null)).toEqual([17.5, null]);
});

test("a question is kept in the address, and an address without one asks nothing", () => {
  const question = {where: "country = 'DE'", by: "day", metric: "p90", cap: 0.99};
  const kept = Object.entries(unitsAddress(question)).map(([name, value]) => [name, String(value)]);
  expect(unitsQuestionIn(`?${new URLSearchParams(kept)}`)).toEqual(question);
  expect(unitsQuestionIn("?variant=B")).toBeNull();
  expect(unitsQuestionIn("?units-where=&units-cap=none")).toEqual({
    where: "",
    by: null,
    metric: null,
    cap: "none"
  });
  expect(Object.values(unitsAddress(null))).toEqual([null, null, null, null]);
});
