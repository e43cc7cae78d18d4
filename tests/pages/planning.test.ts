import {expect, test} from "vitest";
import {daysDrawn} from "../../src/components/plan-chart.js";
import {keptPlan, plansOf, trafficByDay, type PlanQuestion} from "../../lib/stats/planning.js";
import {typedBaselines, typedIn, typedTraffic} from "../../src/components/typed-baselines.js";

const question: PlanQuestion = {
  metrics: ["typed_1"],
  lift: 0.05,
  days: 14,
  power: 0.8,
  confidence: 0.95,
  shares: [50, 50],
  side: "two-sided",
  corrected: true,
  cuped: false,
  sequential: false
};
const typed = (search: string) => typedIn(`?${search}`);

test("traffic is known to its last day, and goes on as in its last week", () => {
  const {byDay, known} = trafficByDay([
    {day: "2025-10-02", units: 30},
    {day: "2025-10-01", units: 40},
    {day: "2025-10-01", units: 50}
  ]);
  expect([known, byDay.slice(0, 4), byDay.length]).toEqual([2, [90, 120, 180, 240], 120]);
});

test("typed-in traffic is a line, and bends through the fourth week where that is typed too", () => {
  expect(typedTraffic(typed("units=100")).byDay.slice(0, 3)).toEqual([100, 200, 300]);
  const {byDay} = typedTraffic(typed("units=100&month=700"));
  expect([byDay[0], Math.round(byDay[27])]).toEqual([100, 700]);
  // 28 days give 7 times the first: the power is ln 7 / ln 28.
  expect(byDay[6]).toBeCloseTo(100 * 7 ** (Math.log(7) / Math.log(28)), 9);
  expect(typedTraffic(typed("units=100&month=10")).byDay[27]).toBe(100);
});

test("the variance that is explained before shrinks the units by that share under CUPED, a ratio has none", () => {
  const search =
    "typed=Revenue|mean|10|20|1|1|0|0.4&typed=Rate|ratio|1|1|1|1|0|0.4&typed=Old|mean|10|20|1|1|0";
  const baselines = typedBaselines(typed(search).metrics);
  expect(baselines.map(({explained}) => explained)).toEqual([0.4, null, null]);
  const total = (cuped: boolean) => plansOf(baselines, {...question, cuped}, [])[0].total!;
  expect(total(true) / total(false)).toBeCloseTo(0.6, 3);
});

test("what is drawn reaches past the days asked for and past the answer, in whole weeks", () => {
  const plans = plansOf(typedBaselines(typed("").metrics), question, typedTraffic(typed("")).byDay);
  expect(daysDrawn(plans, {days: 14, day: 10})).toBe(28);
  expect(daysDrawn(plans, {days: 30, day: 10})).toBe(49);
  expect(daysDrawn(plans, {days: 14, day: null})).toBe(77);
  expect(daysDrawn(plans, {days: 14, day: 115})).toBe(120);
});

test("a kept plan has no days where one of its metrics is not reached", () => {
  const baselines = typedBaselines(
    typed("typed=A|proportion|0.5|1|1|1|0&typed=B|proportion|0.01|1|1|1|0").metrics
  );
  const both = {...question, metrics: ["typed_1", "typed_2"]};
  const plans = plansOf(baselines, both, typedTraffic(typed("units=1000")).byDay);
  const kept = keptPlan(plans, both, "typed-in numbers");
  expect([plans[0].day !== null, plans[1].day, kept.day, kept.units]).toEqual([
    true,
    null,
    null,
    plans[1].total
  ]);
});
