import {aggregateUnits} from "./aggregate.js";
import {unknownName, type Asked, type Question} from "./analyze/question.js";
import type {LeftOut} from "./analyze/rows.js";
import {withFileUnits, type FileUnits} from "./analyze/units.js";
import {UserError} from "./errors.js";
import {compare} from "./stats/compare.js";
import {boschloo, mostExactUnits} from "./stats/exact.js";
import {pointOnly} from "./stats/estimate.js";
import {momentsOfPrecompute} from "./stats/moments.js";
import {srm} from "./stats/srm.js";
import {verdict} from "./stats/verdict.js";
import type {Effect, Moments, SrmTest, Verdict} from "./stats/types.js";
import type {Dominance, Metric, Precompute} from "./types.js";
import type {DuckDB} from "./warehouse/duckdb.js";

export type AnalyzedEffect = {
  metric: string;
  type: Metric["type"];
  variant: string;
  effect: Effect;
  verdict: Verdict;
  /** Boschloo's p of a proportion of few units; null elsewhere. */
  exact: number | null;
};

export type Analysis = {
  control: string;
  units: Record<string, number>;
  srm: SrmTest;
  effects: AnalyzedEffect[];
  /** Means whose variance one unit carries for a good part, by name. */
  dominance: Record<string, Dominance>;
  left: LeftOut;
};

/** Returns the analysis of a CSV or Parquet file; throws a UserError for anything in it that would make a number wrong. */
export function analyzeFile(question: Question): Promise<Analysis> {
  return withFileUnits(question, analyze);
}

async function analyze(duckdb: DuckDB, file: FileUnits): Promise<Analysis> {
  const {asked, left} = file;
  const {control, confidence, metrics} = asked;
  const {precomputes, crossovers, dominance, units, weights} = await measureFile(duckdb, file);
  const test = srm(Object.values(units), weights);
  const setting = {precomputes, control, confidence, isValid: !test.isMismatch};
  const treatments = Object.keys(units).filter((name) => name !== control);
  const effects = metrics.flatMap((metric) =>
    treatments.map((variant) => effectOf(metric, variant, setting))
  );
  return {control, units, srm: test, effects, dominance, left: {...left, crossovers}};
}

/** Returns what a file's units were measured at, with the units of each variant and the weights of their planned split. */
export async function measureFile(duckdb: DuckDB, {asked, shape, columns}: FileUnits) {
  const {control, metrics} = asked;
  const measured = await aggregateUnits(duckdb, "units", {shape, metrics, columns});
  const units = Object.fromEntries(measured.exposures.map(({variant, units}) => [variant, units]));
  requireArms(units, {control, crossovers: measured.crossovers});
  return {...measured, units, weights: weightsOf(Object.keys(units), asked)};
}

// Left-out rows may take a whole variant with them.
function requireArms(
  units: Record<string, number>,
  {control, crossovers}: {control: string; crossovers: number}
) {
  const left = Object.keys(units);
  if (left.includes(control) && left.length > 1) return;
  const lost = left.includes(control)
    ? "no treatment has a unit left"
    : `the control ${control} has no unit left`;
  const why = crossovers ? `; ${crossovers} seen in more than one variant` : "";
  throw new UserError(
    `${lost} once rows without a unit and units in several variants are left out${why}`,
    "check the columns of unit and variant"
  );
}

function weightsOf(variants: string[], {allocation}: Asked): number[] {
  if (!allocation) return variants.map(() => 1);
  for (const name of Object.keys(allocation))
    if (!variants.includes(name)) throw unknownName("variant", name, variants, "--allocation");
  const absent = variants.find((name) => !(name in allocation));
  if (absent)
    throw new UserError(
      `--allocation says nothing of ${absent}`,
      `give every variant's share: ${variants.map((name) => `${name}=1`).join(",")}`
    );
  return variants.map((name) => allocation[name]);
}

type Setting = {
  precomputes: Omit<Precompute, "jobId">[];
  control: string;
  confidence: number;
  isValid: boolean;
};

function effectOf(
  metric: Metric,
  variant: string,
  {precomputes, control, confidence, isValid}: Setting
): AnalyzedEffect {
  const [c, t] = [readArm(metric, control, precomputes), readArm(metric, variant, precomputes)];
  const isWhole = "moments" in c && "moments" in t;
  const effect = isWhole ? compare(metric.type, c.moments, t.moments, {confidence}) : missingEffect(c, t);
  return {
    metric: metric.alias,
    type: metric.type,
    variant,
    effect,
    verdict: verdict(effect, metric.goal, {scale: "difference", isValid}),
    exact: exactPvalue(metric, effect)
  };
}

function exactPvalue({type}: Metric, {n, control, treatment}: Effect): number | null {
  const isFew = n.control + n.treatment <= mostExactUnits && Math.min(n.control, n.treatment) > 0;
  if (type !== "proportion" || !isFew || control === null || treatment === null) return null;
  const count = (rate: number, n: number) => ({x: Math.round(rate * n), n});
  return boschloo(count(control, n.control), count(treatment, n.treatment), "two-sided");
}

type Read = {name: string; n: number; value: number | null} & ({moments: Moments} | {reason: string});

function readArm(metric: Metric, name: string, precomputes: Setting["precomputes"]): Read {
  const row = precomputes.find((d) => d.metric === metric.alias && d.variant === name);
  if (!row) return {name, n: 0, value: null, reason: "no unit has a value"};
  return {name, n: row.n, value: row.value, ...momentsOfPrecompute(row)};
}

// The numbers that are there are shown; the others say why they are not.
function missingEffect(control: Read, treatment: Read): Effect {
  return {
    n: {control: control.n, treatment: treatment.n},
    control: control.value,
    treatment: treatment.value,
    difference: pointOnly(null),
    lift: pointOnly(null),
    varianceReduction: null,
    reason: [control, treatment].flatMap((d) => ("reason" in d ? [`${d.name}: ${d.reason}`] : [])).join("; ")
  };
}
