import {analyzeFile, type Analysis, type AnalyzedEffect} from "../analyze.js";
import type {Effect, Estimate} from "../stats/types.js";
import type {Io} from "./main.js";
import {count, pvalue} from "./numbers.js";
import {printable, table} from "./table.js";

export type AnalyzeOptions = {
  unit?: string;
  variant: string;
  control: string;
  mean: string[];
  proportion: string[];
  ratio: string[];
  lowerIsBetter: string[];
  confidence: number;
  allocation?: Record<string, number>;
  aggregate?: boolean;
  json?: boolean;
};

/** Prints the analysis of a user's own file, one row a unit, as an aligned table or JSON. */
export async function analyze(file: string, options: AnalyzeOptions, io: Io) {
  const {mean, proportion, ratio} = options;
  const analysis = await analyzeFile({...options, file, means: mean, proportions: proportion, ratios: ratio});
  io.out(options.json ? JSON.stringify(toJson(analysis), null, 2) : describe(analysis, options));
}

function toJson({control, units, srm, effects, left}: Analysis) {
  const {statistic, df, pvalue, expected, isMismatch, hasLowCounts} = srm;
  return {
    control,
    units,
    srm: {
      pvalue,
      statistic,
      df,
      expected: Object.fromEntries(Object.keys(units).map((name, i) => [name, expected[i]])),
      mismatch: isMismatch,
      low_counts: hasLowCounts
    },
    effects: effects.map(effectJson),
    left_out: {
      rows_without_variant: left.rowsWithoutVariant,
      rows_without_unit: left.rowsWithoutUnit,
      crossovers: left.crossovers,
      missing: left.missing
    }
  };
}

function effectJson({metric, type, variant, effect, verdict, exact}: AnalyzedEffect) {
  const interval = ({value, low, high}: Estimate) => ({value, low, high});
  return {
    metric,
    type,
    variant,
    n_control: effect.n.control,
    n: effect.n.treatment,
    control: effect.control,
    treatment: effect.treatment,
    difference: interval(effect.difference),
    lift: interval(effect.lift),
    pvalue: effect.difference.pvalue,
    verdict,
    ...(exact === null ? {} : {pvalue_exact: exact}),
    ...(effect.reason ? {reason: effect.reason} : {})
  };
}

function describe(analysis: Analysis, {confidence}: AnalyzeOptions): string {
  const treatments = Object.keys(analysis.units).length - 1;
  return [
    unitsLine(analysis),
    srmLine(analysis),
    ...leftLines(analysis),
    "",
    effectsTable(analysis, confidence),
    ...reasonLines(analysis),
    ...exactLines(analysis),
    ...dominanceLines(analysis),
    ...(treatments > 10
      ? [
          "",
          `${treatments} comparisons for each metric: by chance alone about ${Math.round(treatments * (1 - confidence) * 10) / 10} of them leave 0 outside.`
        ]
      : [])
  ].join("\n");
}

function unitsLine({control, units}: Analysis): string {
  const treatments = Object.entries(units).filter(([name]) => name !== control);
  const arm = ([name, n]: [string, number]) => `${printable(name)} ${count(n)}`;
  const sizes = treatments.map(([, n]) => n);
  const others =
    treatments.length <= 12
      ? treatments.map(arm).join(", ")
      : `${treatments.length} others with ${count(Math.min(...sizes))} to ${count(Math.max(...sizes))} each`;
  return `Units: ${arm([control, units[control]])} (control), ${others}`;
}

function srmLine({srm}: Analysis): string {
  const p = `p = ${pvalue(srm.pvalue)}`;
  const weak = srm.hasLowCounts ? "; fewer than 5 units expected in a variant, so this test is weak" : "";
  if (!srm.isMismatch) return `Sample ratio: no mismatch (${p})${weak}`;
  return `Sample ratio MISMATCH (${p})${weak}: the traffic is not split as planned, so verdicts are withheld.\n  If another split was planned, say so: --allocation NAME=SHARE,…`;
}

function leftLines({left}: Analysis): string[] {
  const some = (n: number, what: string) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;
  return [
    ...(left.rowsWithoutVariant
      ? [`Left out: ${some(left.rowsWithoutVariant, "row")} without a variant`]
      : []),
    ...(left.rowsWithoutUnit ? [`Left out: ${some(left.rowsWithoutUnit, "row")} without a unit`] : []),
    ...(left.crossovers ? [`Left out: ${some(left.crossovers, "unit")} seen in more than one variant`] : []),
    ...Object.entries(left.missing).flatMap(([column, n]) =>
      n ? [`Missing: ${printable(column)} has no value for ${some(n, "unit")}, left out of its metric`] : []
    )
  ];
}

function exactLines({effects}: Analysis): string[] {
  return effects.flatMap(({metric, variant, exact}) =>
    exact === null
      ? []
      : [
          `Few units: the exact test (Boschloo) of ${printable(metric)} in ${printable(variant)} gives p = ${pvalue(exact)}`
        ]
  );
}

function dominanceLines({dominance}: Analysis): string[] {
  return Object.entries(dominance).map(
    ([metric, {variant, share}]) =>
      `Care: one unit of ${printable(variant)} carries ${Math.round(share * 100)}% of the variance of ${printable(metric)}`
  );
}

function effectsTable({effects}: Analysis, confidence: number): string {
  const level = `${Number((confidence * 100).toPrecision(6))}% interval`;
  const header = [
    "metric",
    "variant",
    "n",
    "control",
    "treatment",
    "difference",
    level,
    "p",
    "lift",
    level,
    "verdict"
  ];
  return table([header, ...effects.map(effectRow)], {numbers: [2, 3, 4, 5, 6, 7, 8, 9]});
}

const marks = {
  better: "▲ better",
  worse: "▼ worse",
  higher: "higher",
  lower: "lower",
  unclear: "○ unclear",
  invalid: "– invalid"
};

function effectRow({metric, type, variant, effect, verdict}: AnalyzedEffect): string[] {
  const isRate = type === "proportion";
  const value = (x: number | null) => (x === null ? "–" : isRate ? percent(x, 2) : number(x));
  const change = (x: number | null) =>
    x === null ? "–" : isRate ? `${signed(fixed(x * 100))} pp` : signed(number(x));
  const share = (x: number | null) => (x === null ? "–" : signed(percent(x, 2)));
  const {difference, lift} = effect;
  return [
    printable(metric),
    printable(variant),
    count(effect.n.treatment),
    value(effect.control),
    value(effect.treatment),
    change(difference.value),
    range(difference, change),
    pvalue(difference.pvalue),
    share(lift.value),
    range(lift, share),
    marks[verdict]
  ];
}

function range({low, high}: Estimate, write: (x: number | null) => string): string {
  return low === null || high === null ? "–" : `${write(low)} to ${write(high)}`;
}

function reasonLines({effects}: Analysis): string[] {
  const lines = effects.flatMap(({metric, variant, effect}) => {
    const reason = effect.reason ?? disagreement(effect);
    return reason ? [`${printable(metric)}, ${printable(variant)}: ${reason}`] : [];
  });
  return lines.length ? ["", ...lines] : [];
}

// The two scales have tests of their own; near the border they need not say the same.
function disagreement({difference, lift}: Effect): string | null {
  const isClear = ({low, high}: Estimate) => low !== null && high !== null && (low > 0 || high < 0);
  if (lift.low === null || isClear(difference) === isClear(lift)) return null;
  return isClear(difference)
    ? "the difference is clear, the lift is not"
    : "the lift is clear, the difference is not";
}

const minus = (text: string) => text.replace("-", "−");
const fixed = (x: number) => minus(x.toFixed(2));
const number = (x: number) => minus(x.toLocaleString("en-US", {maximumSignificantDigits: 5}));
const percent = (x: number, digits: number) =>
  minus(
    x.toLocaleString("en-US", {
      style: "percent",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits
    })
  );
const signed = (text: string) => (/^[−0]*\.?0*%?$/.test(text) || text.startsWith("−") ? text : `+${text}`);
