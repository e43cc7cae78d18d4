import {analyzeFile, type Analysis, type AnalyzedEffect} from "../analyze.js";
import type {Estimate} from "../stats/types.js";
import type {Io} from "./main.js";
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

function effectJson({metric, type, variant, effect, verdict}: AnalyzedEffect) {
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
    ...(treatments > 10
      ? [
          "",
          `${treatments} comparisons for each metric: by chance alone about ${Math.round(treatments * (1 - confidence) * 10) / 10} of them leave 0 outside.`
        ]
      : [])
  ].join("\n");
}

function unitsLine({control, units}: Analysis): string {
  const arms = Object.entries(units).map(
    ([name, n]) => `${printable(name)} ${count(n)}${name === control ? " (control)" : ""}`
  );
  return `Units: ${arms.join(", ")}`;
}

function srmLine({srm}: Analysis): string {
  const p = `p = ${pvalue(srm.pvalue)}`;
  const weak = srm.hasLowCounts ? "; fewer than 5 units expected in a variant, so this test is weak" : "";
  if (!srm.isMismatch) return `Sample ratio: no mismatch (${p})${weak}`;
  return `Sample ratio MISMATCH (${p})${weak}: the traffic is not split as planned, so verdicts are withheld.\n  If another split was planned, say so: --allocation NAME=SHARE,…`;
}

function leftLines({left}: Analysis): string[] {
  const rows = (n: number) => `${count(n)} ${n === 1 ? "row" : "rows"}`;
  return [
    ...(left.rowsWithoutVariant ? [`Left out: ${rows(left.rowsWithoutVariant)} without a variant`] : []),
    ...(left.rowsWithoutUnit ? [`Left out: ${rows(left.rowsWithoutUnit)} without a unit`] : []),
    ...(left.crossovers ? [`Left out: ${count(left.crossovers)} units seen in more than one variant`] : []),
    ...Object.entries(left.missing).flatMap(([column, n]) =>
      n ? [`Missing: ${printable(column)} has no value for ${count(n)} units, left out of its metric`] : []
    )
  ];
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
    "lift",
    level,
    "p",
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
    `${change(difference.low)} to ${change(difference.high)}`,
    share(lift.value),
    `${share(lift.low)} to ${share(lift.high)}`,
    pvalue(difference.pvalue),
    marks[verdict]
  ];
}

function reasonLines({effects}: Analysis): string[] {
  const reasons = effects.flatMap(({metric, variant, effect}) =>
    effect.reason ? [`${printable(metric)}, ${printable(variant)}: ${effect.reason}`] : []
  );
  return reasons.length ? ["", ...reasons] : [];
}

const minus = (text: string) => text.replace("-", "−");
const count = (n: number) => n.toLocaleString("en-US");
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
const pvalue = (p: number | null) => (p === null ? "–" : p < 1e-4 ? p.toExponential(1) : p.toFixed(4));
