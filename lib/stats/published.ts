// The table a report is published with, and whether the moments beside it still give that table.

import type {DayUnits} from "./checks.js";
import {periodsOf, plannedOver, type PlanChange} from "./periods.js";
import {study, isFamily, type Role, type StudiedEffect, type StudyOptions} from "./study.js";
import {readTraffic, type Traffic} from "./traffic.js";
import type {Estimate, MetricType, Moments, Verdict} from "./types.js";
import {verdict, type Goal} from "./verdict.js";

/** How the numbers of a report are read as it is published. */
export type PublishedReading = Required<
  Pick<StudyOptions, "confidence" | "alternative" | "lift" | "isAdjusted">
> & {
  correction: NonNullable<StudyOptions["correction"]> | null;
  nStar: number | null;
};

/** What a published table is made of: the parts of a view that decide its numbers. */
export type PublishedView = {
  experiment: {variants: {name: string; allocation: number; isControl: boolean}[]};
  events: PlanChange[];
  exposures: DayUnits[];
  metrics: {
    metric: {alias: string; type: MetricType; role: Role; goal: Goal};
    arms: {variant: string; moments: Moments | null}[];
  }[];
  defaults: {srmThreshold: number};
};

export type PublishedRow = {
  metric: string;
  treatment: string;
  effect: StudiedEffect | null;
  verdict: Verdict | null;
};

export type PublishedTable = {
  /** False where the traffic is not split as planned: then no verdict holds. */
  isReadable: boolean;
  /** p of the test of the split; null where nothing is declared or counted. */
  split: number | null;
  rows: PublishedRow[];
};

/** Returns every metric's effect in every treatment, with its verdict, and whether the traffic is split as planned. */
export function publishedTable(view: PublishedView, reading: PublishedReading): PublishedTable {
  const {
    experiment: {variants},
    metrics
  } = view;
  const {srm, readiness} = readTraffic(trafficOf(view));
  const isReadable = readiness.status !== "invalid";
  const control = variants.find(({isControl}) => isControl)?.name;
  const treatments = variants.filter(({isControl}) => !isControl).map(({name}) => name);
  const roles = metrics.map(({metric}) => metric.role);
  const effects = study(
    metrics.map(({metric, arms}) => {
      const momentsOf = (name?: string) => arms.find(({variant}) => variant === name)?.moments ?? null;
      return {
        type: metric.type,
        control: momentsOf(control),
        treatments: treatments.map(momentsOf),
        isInFamily: isFamily(metric.role, roles)
      };
    }),
    {...reading, scale: "lift"}
  );
  const rows = metrics.flatMap(({metric}, i) =>
    treatments.map((treatment, j) => {
      const effect = effects[i][j];
      const found = effect && verdict(effect, metric.goal, {scale: "lift", isValid: isReadable});
      return {metric: metric.alias, treatment, effect, verdict: found};
    })
  );
  return {isReadable, split: srm?.pvalue ?? null, rows};
}

function trafficOf({experiment, events, exposures, defaults}: PublishedView): Traffic {
  const shares = experiment.variants.map(({name, allocation}) => ({variant: name, allocation}));
  const units = new Map<string, number>();
  for (const {variant, units: n} of exposures) units.set(variant, (units.get(variant) ?? 0) + n);
  return {
    units: [...units].map(([variant, n]) => ({variant, units: n})),
    allocation: plannedOver(periodsOf(events, shares), exposures),
    hasControl: true,
    srmThreshold: defaults.srmThreshold
  };
}

// Engines differ in the last digits of a logarithm or an exponential.
const closeness = 1e-9;

/** Returns where two tables differ, one line each, by more than another engine's rounding; none where they agree. */
export function tableDifferences(published: PublishedTable, again: PublishedTable): string[] {
  const found: string[] = [];
  const note = (what: string, before: unknown, after: unknown) =>
    isSame(before, after) ||
    found.push(`${what}: ${String(before)} was published, ${String(after)} computed`);
  note("readable", published.isReadable, again.isReadable);
  note("p of the split", published.split, again.split);
  for (const row of published.rows) {
    const name = `${row.metric}, ${row.treatment}`;
    const other = again.rows.find((each) => each.metric === row.metric && each.treatment === row.treatment);
    note(`${name}: verdict`, row.verdict, other?.verdict ?? null);
    const [before, after] = [numbersOf(row.effect), numbersOf(other?.effect ?? null)];
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      note(`${name}: ${key}`, before[key] ?? null, after[key] ?? null);
  }
  const missing = again.rows.length - published.rows.length;
  if (missing > 0) found.push(`${missing} comparisons are missing`);
  return found;
}

function numbersOf(effect: StudiedEffect | null): Record<string, number | null> {
  if (!effect) return {};
  const of = (name: string, {value, low, high, pvalue}: Estimate) => ({
    [name]: value,
    [`${name}, low`]: low,
    [`${name}, high`]: high,
    [`p of ${name}`]: pvalue
  });
  return {
    "units of control": effect.n.control,
    "units of treatment": effect.n.treatment,
    control: effect.control,
    treatment: effect.treatment,
    ...of("lift", effect.lift),
    ...of("difference", effect.difference),
    "adjusted p": effect.adjusted?.pvalue ?? null
  };
}

// An open end is ±Infinity, which JSON writes as null.
const known = (x: unknown) => (typeof x === "number" && !Number.isFinite(x) ? null : x);

function isSame(before: unknown, after: unknown): boolean {
  const [a, b] = [known(before), known(after)];
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= closeness * Math.max(Math.abs(a), Math.abs(b));
}
