// The times between changes of an experiment's shares, and its pauses: units of different periods were dealt differently.

import {splitOfParts, type Allocation, type DayUnits, type PartSplit} from "./checks.js";

/** Something that changed: the status, or the variants with their shares. Times are ISO 8601 in UTC. */
export type PlanChange = {kind: "status" | "allocation"; before: unknown; after: unknown; at: string};

/** A time with one plan of shares; null where it has no end on that side. */
export type Period = {from: string | null; until: string | null; allocation: Allocation; isPaused: boolean};

/**
 * Returns the periods of an experiment in order, from its changes oldest first and the shares planned now. Shares that
 * were changed while it neither ran nor paused were a correction of the plan: they make no period.
 */
export function periodsOf(changes: PlanChange[], allocation: Allocation): Period[] {
  const live = ["running", "paused"];
  let status: unknown = changes.find(({kind}) => kind === "status")?.before ?? "running";
  const turns: PlanChange[] = [];
  for (const change of changes) {
    const [before, after] = change.kind === "status" ? [change.before, change.after] : [status, status];
    if (live.includes(String(before)) && live.includes(String(after))) turns.push(change);
    status = after;
  }
  const first = turns.find(({kind}) => kind === "allocation");
  let [shares, isPaused] = [first ? sharesIn(first.before) : allocation, false];
  const periods: Period[] = [];
  for (const [i, turn] of [null, ...turns].entries()) {
    if (turn?.kind === "allocation") shares = sharesIn(turn.after);
    if (turn?.kind === "status") isPaused = turn.after === "paused";
    periods.push({from: turn?.at ?? null, until: turns[i]?.at ?? null, allocation: shares, isPaused});
  }
  return periods;
}

const sharesIn = (variants: unknown): Allocation =>
  (variants as {name: string; allocation: number}[]).map(({name, allocation}) => ({
    variant: name,
    allocation
  }));

const dayLength = 864e5;

/** Returns the one period that a day (UTC, "2025-10-01") lies in as a whole; null for a day on which something changed. */
export function periodOn(periods: Period[], day: string): Period | null {
  const own = periods.filter((period) => shareOfDay(period, day) > 0);
  return own.length === 1 ? own[0] : null;
}

function shareOfDay({from, until}: Period, day: string): number {
  const start = Date.parse(day);
  const [low, high] = [from ? Date.parse(from) : -Infinity, until ? Date.parse(until) : Infinity];
  return Math.max(0, Math.min(high, start + dayLength) - Math.max(low, start)) / dayLength;
}

/**
 * Returns the shares that all units together should have: of each day those in force, weighted by the units that came; on a
 * day of change by the hours of each. Without a change of shares they are the plan's own.
 */
export function plannedOver(periods: Period[], exposures: DayUnits[]): Allocation {
  const {allocation} = periods[periods.length - 1];
  if (!hasOtherShares(periods)) return allocation;
  const expected = new Map(allocation.map(({variant}) => [variant, 0]));
  let all = 0;
  for (const [day, units] of unitsByDay(exposures)) {
    all += units;
    for (const period of periods) {
      const whole = period.allocation.reduce((sum, arm) => sum + arm.allocation, 0);
      for (const {variant, allocation: share} of period.allocation)
        expected.set(
          variant,
          (expected.get(variant) ?? 0) + (units * shareOfDay(period, day) * share) / whole
        );
    }
  }
  return all ? [...expected].map(([variant, n]) => ({variant, allocation: n / all})) : allocation;
}

/** What was planned for the units of a job: over all of them and, where shares changed while they came, on each day. */
export type Planned = {
  all: Allocation;
  /** Null on a day on which something changed; absent where shares never did. */
  byDay?: Record<string, Allocation | null>;
};

/** Returns what was planned for units, by the days on which they came. */
export function plannedFor(periods: Period[], exposures: DayUnits[]): Planned {
  const all = plannedOver(periods, exposures);
  if (!hasOtherShares(periods)) return {all};
  const days = [...unitsByDay(exposures).keys()];
  const plans = days.map((day) => periodOn(periods, day)?.allocation ?? null);
  const isOne = plans.every((plan) => plan !== null && plan === plans[0]);
  return isOne ? {all} : {all, byDay: Object.fromEntries(days.map((day, i) => [day, plans[i]]))};
}

const hasOtherShares = (periods: Period[]) =>
  periods.some(({allocation}) => allocation !== periods[0].allocation);

function unitsByDay(exposures: DayUnits[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const {day, units: n} of exposures) if (day) units.set(day, (units.get(day) ?? 0) + n);
  return units;
}

/** A period with the days that lie in it as a whole, and the test of the split among the units that came on them. */
export type PeriodSplit = Period & {days: string[]; split: PartSplit};

/** Returns the test of the split within each period, in order; units of days on which something changed are in none. */
export function splitByPeriod(
  exposures: DayUnits[],
  periods: Period[],
  options: {threshold?: number} = {}
): PeriodSplit[] {
  const days = [...unitsByDay(exposures).keys()].sort();
  const own = periods.map((period) => days.filter((day) => periodOn(periods, day) === period));
  const parts = periods.map(({allocation}, i) => ({
    counted: exposures.filter(({day}) => own[i].includes(day)),
    allocation
  }));
  return splitOfParts(parts, options).map((split, i) => ({...periods[i], days: own[i], split}));
}
