import {expect, test} from "vitest";
import {canonical} from "../../../lib/stats/canonical.js";
import {publishedTable, tableDifferences, type PublishedView} from "../../../lib/stats/published.js";

const arm = (variant: string, mean: number) => ({
  variant,
  moments: {n: 1000, means: [mean], covariance: [[4]]}
});
const reading = {confidence: 0.95, alternative: "two-sided", lift: "delta", isAdjusted: false, correction: null, nStar: null} as const; // prettier-ignore

function viewOf(units: [number, number]): PublishedView {
  return {
    experiment: {
      variants: [
        {name: "a", allocation: 0.5, isControl: true},
        {name: "b", allocation: 0.5, isControl: false}
      ]
    },
    events: [],
    exposures: ["a", "b"].map((variant, i) => ({variant, day: "2025-10-01", units: units[i]})),
    metrics: [
      {
        metric: {alias: "m", type: "mean", role: "primary", goal: "increase"},
        arms: [arm("a", 10), arm("b", 11)]
      }
    ],
    defaults: {srmThreshold: 0.001}
  };
}

test("a table holds every effect with its verdict", () => {
  const {isReadable, rows} = publishedTable(viewOf([1000, 1000]), reading);
  expect([isReadable, rows.length, rows[0].treatment, rows[0].verdict]).toEqual([true, 1, "b", "better"]);
  expect(rows[0].effect!.lift.value).toBeCloseTo(0.1, 14);
});

test("where the traffic is not split as planned, no verdict is published", () => {
  const {isReadable, rows} = publishedTable(viewOf([1000, 1300]), reading);
  expect([isReadable, rows[0].verdict]).toEqual([false, "invalid"]);
});

test("a table read back from JSON differs in nothing, also with open intervals", () => {
  for (const alternative of ["two-sided", "greater"] as const) {
    const table = publishedTable(viewOf([1000, 1000]), {...reading, alternative});
    expect(tableDifferences(JSON.parse(JSON.stringify(table)), table)).toEqual([]);
  }
});

test("last digits may differ between engines, more may not; a missing row is told", () => {
  const table = publishedTable(viewOf([1000, 1000]), reading);
  const [near, far] = [1e-11, 1e-6].map((share) => {
    const copy = structuredClone(table);
    copy.rows[0].effect!.lift.low! *= 1 + share;
    return copy;
  });
  expect([tableDifferences(table, near).length, tableDifferences(table, far).length]).toEqual([0, 1]);
  expect(tableDifferences({...table, rows: []}, table)).toEqual(["1 comparisons are missing"]);
});

test("one content has one text, whatever the order of its keys; lists keep theirs", () => {
  expect(canonical({b: [2, 1], a: {d: null, c: undefined}})).toBe('{"a":{"d":null},"b":[2,1]}');
  expect(canonical({a: {d: null}, b: [2, 1]})).toBe(canonical({b: [2, 1], a: {d: null}}));
});
