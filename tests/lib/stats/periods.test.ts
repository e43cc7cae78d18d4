import {describe, expect, test} from "vitest";
import {assess} from "../../../lib/stats/assess.js";
import {
  periodOn,
  periodsOf,
  plannedFor,
  plannedOver,
  splitByPeriod,
  type PlanChange
} from "../../../lib/stats/periods.js";

const shares = (a: number, b: number) => [
  {variant: "a", allocation: a},
  {variant: "b", allocation: b}
];
const variants = (a: number, b: number) => [
  {name: "a", allocation: a, isControl: true},
  {name: "b", allocation: b, isControl: false}
];
const status = (before: string, after: string, at: string): PlanChange => ({
  kind: "status",
  before,
  after,
  at
});
const start = status("planned", "running", "2025-10-01T00:00:00.000Z");
const dealt = {
  kind: "allocation",
  before: variants(0.9, 0.1),
  after: variants(0.5, 0.5),
  at: "2025-10-03T12:00:00.000Z"
} as const;

// 1,000 units a day: 9 to 1 before, even after, and the day between by halves.
const exposures = [
  ["2025-10-01", 900, 100],
  ["2025-10-02", 895, 105],
  ["2025-10-03", 700, 300],
  ["2025-10-04", 505, 495],
  ["2025-10-05", 490, 510]
].flatMap(([day, a, b]) => [
  {variant: "a", day: String(day), units: Number(a)},
  {variant: "b", day: String(day), units: Number(b)}
]);

describe("periods", () => {
  test("begin where shares change or a pause begins or ends, while the experiment runs", () => {
    const pause = status("running", "paused", "2025-10-05T00:00:00.000Z");
    const resume = status("paused", "running", "2025-10-06T00:00:00.000Z");
    expect(periodsOf([start, dealt, pause, resume], shares(0.5, 0.5))).toEqual([
      {from: null, until: dealt.at, allocation: shares(0.9, 0.1), isPaused: false},
      {from: dealt.at, until: pause.at, allocation: shares(0.5, 0.5), isPaused: false},
      {from: pause.at, until: resume.at, allocation: shares(0.5, 0.5), isPaused: true},
      {from: resume.at, until: null, allocation: shares(0.5, 0.5), isPaused: false}
    ]);
  });

  test("are one where the plan was corrected before the start or after the end", () => {
    const end = status("running", "completed", "2025-10-08T00:00:00.000Z");
    const early = {...dealt, at: "2025-09-20T00:00:00.000Z"};
    const late = {...dealt, at: "2025-10-20T00:00:00.000Z"};
    const whole = [{from: null, until: null, allocation: shares(0.5, 0.5), isPaused: false}];
    expect(periodsOf([early, start, end, late], shares(0.5, 0.5))).toEqual(whole);
    expect(periodsOf([], shares(0.5, 0.5))).toEqual(whole);
  });

  test("a day on which something changed lies in none", () => {
    const periods = periodsOf([start, dealt], shares(0.5, 0.5));
    const of = (day: string) => periodOn(periods, day)?.allocation[0].allocation ?? null;
    expect(["2025-10-02", "2025-10-03", "2025-10-04"].map(of)).toEqual([0.9, null, 0.5]);
  });
});

describe("the split where shares changed", () => {
  const periods = periodsOf([start, dealt], shares(0.5, 0.5));

  test("all units are held to the shares in force when they came", () => {
    // (2 days × 0.9 + half of a day at 0.9 and half at 0.5 + 2 days × 0.5) / 5 = 0.7.
    const [a, b] = plannedOver(periods, exposures);
    expect(a.allocation).toBeCloseTo(0.7, 12);
    expect(b.allocation).toBeCloseTo(0.3, 12);
    const plan = shares(0.5, 0.5);
    expect(plannedOver(periodsOf([start], plan), exposures)).toBe(plan);
  });

  test("a change that no unit came after changes nothing yet", () => {
    const until = exposures.filter(({day}) => day < "2025-10-03");
    expect(plannedFor(periods, until)).toEqual({all: shares(0.9, 0.1)});
  });

  test("each period is tested against its own plan, Holm for their number", () => {
    const [before, after] = splitByPeriod(exposures, periods);
    expect([before.days, after.days]).toEqual([
      ["2025-10-01", "2025-10-02"],
      ["2025-10-04", "2025-10-05"]
    ]);
    // 1,795 of 1,800 and 205 of 200: chi-square 25/1800 + 25/200 = 0.1389, p = 0.709; 995 of 1,000: 0.05, p = 0.823.
    expect(before.split.adjusted).toBeCloseTo(1, 6);
    expect(before.split.expected).toEqual([1800, 200]);
    expect(after.split.isMismatch).toBe(false);
    const wrong = splitByPeriod(exposures, periodsOf([start], shares(0.5, 0.5)));
    expect(wrong[0].split.isMismatch).toBe(true);
  });

  test("an assessment warns of it, and no day is a mismatch by the other period's plan", () => {
    const units = [
      {variant: "a", units: 3490},
      {variant: "b", units: 1510}
    ];
    const planned = plannedFor(periods, exposures);
    const {checks, readiness} = assess({
      units,
      allocation: planned.all,
      hasControl: true,
      treatment: "b",
      metrics: [],
      exposures,
      plannedByDay: planned.byDay
    });
    expect(readiness.status).toBe("ready");
    expect(checks.map(({kind}) => kind)).toEqual(["shares-changed"]);
  });
});
