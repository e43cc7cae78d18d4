import {expect, test} from "vitest";
import type {ResultsView} from "../../lib/view-types.js";
import type {Cells} from "../../lib/stats/cells.js";
import {periodsOf, plannedFor} from "../../lib/stats/periods.js";
import {effectsByPeriod, effectTogether} from "../../src/components/periods.js";
import {plannedOn, splitsOf} from "../../src/components/split-table.js";

// A bad time brings few buyers and one in ten to B, a good time many and one in two: B is no better in either.
const days = ["2025-10-01", "2025-10-02", "2025-10-03"];
const dealt = [
  {day: days[0], A: 9000, B: 1000, rate: 0.1},
  {day: days[1], A: 4000, B: 2000, rate: 0.2},
  {day: days[2], A: 5000, B: 5000, rate: 0.3}
];
const spots = dealt.flatMap(({day, rate, ...units}) =>
  (["A", "B"] as const).map((variant) => ({day, variant, rate, n: units[variant]}))
);
const cells: Cells = {
  variants: ["A", "B"],
  keys: [{name: "day", values: days}],
  variant: spots.map(({variant}) => ["A", "B"].indexOf(variant)),
  at: [spots.map(({day}) => days.indexOf(day))],
  units: spots.map(({n}) => n),
  metrics: [
    {
      alias: "bought",
      n: null,
      means: [spots.map(({rate}) => rate)],
      products: [spots.map(({n, rate}) => n * rate * (1 - rate))]
    }
  ]
};
const variants = (a: number, b: number) => [
  {name: "A", allocation: a, isControl: true},
  {name: "B", allocation: b, isControl: false}
];
const metric = {alias: "bought", title: "Bought", type: "proportion", role: "primary", goal: "increase"};
const exposures = spots.map(({day, variant, n}) => ({day, variant, units: n}));
const periods = periodsOf(
  [
    {
      kind: "allocation",
      before: variants(0.9, 0.1),
      after: variants(0.5, 0.5),
      at: "2025-10-02T08:00:00.000Z"
    }
  ],
  [
    {variant: "A", allocation: 0.5},
    {variant: "B", allocation: 0.5}
  ]
);
const view = {
  periods,
  planned: plannedFor(periods, exposures),
  metrics: [{metric, arms: ["A", "B"].map((variant) => ({variant, moments: null, reason: null}))}],
  exposures,
  defaults: {srmThreshold: 0.001},
  job: {facts: {}}
} as unknown as ResultsView;
const options = {
  control: "A",
  treatments: ["B"],
  scale: "relative",
  isValid: true,
  confidence: 0.95
} as const;
const question = {metric: "bought", treatment: "B", slice: {}, options: {...options, treatments: ["B"]}};

test("within periods B is as A, though over all units it looks better; the day of the change is in none", () => {
  const effects = effectsByPeriod(view, cells, question);
  expect(effects.map(({period, finding}) => [period.days, finding!.effect!.lift.value])).toEqual([
    [[days[0]], 0],
    [[days[2]], 0]
  ]);
  const {effect, verdict} = effectTogether(effects, question)!;
  expect([effect.lift.value, effect.n, verdict]).toEqual([0, {control: 14000, treatment: 6000}, "unclear"]);
});

test("each part of the units is held to the shares of its time", () => {
  const groups = splitsOf(view);
  expect(groups.map(({title, parts}) => [title, parts.map(({split}) => split.isMismatch)])).toEqual([
    ["Period", [false, false]],
    ["Day", [false, false]]
  ]);
  expect(groups[0].parts.map(({name}) => name)).toEqual(["until 2 Oct 08:00", "from 2 Oct 08:00"]);
  const share = plannedOn(view, {control: "A", treatment: "B"});
  // The change came after a third of the day: (0.1 + 2 × 0.5) / 3.
  expect(days.map((day) => Number(share(day).toFixed(4)))).toEqual([0.1, 0.3667, 0.5]);
});
