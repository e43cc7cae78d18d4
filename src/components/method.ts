import type {Correction} from "../stats/adjust.js";
import type {Alternative, LiftMethod, MetricType} from "../stats/types.js";
import {familySize, type Finding, type Reading} from "../stats/analysis.js";
import {confidenceOf, count, list} from "../stats/format.js";
import {html} from "./notebook.js";

const methods: Record<MetricType, string> = {
  mean: "Welch’s t-test for means",
  proportion: "a z-test for proportions (pooled for p, unpooled for the interval)",
  ratio: "the delta method for ratios",
  quantile: "outer intervals of order statistics for quantiles"
};

const lifts: Record<LiftMethod, string> = {
  delta: "the delta method",
  fieller: "Fieller’s theorem",
  log: "the logarithm of the ratio"
};

const sides: Record<Alternative, string> = {
  "two-sided": "two-sided",
  greater: "one-sided, against an effect of 0 or less",
  less: "one-sided, against an effect of 0 or more"
};

/** How corrections are called. */
export const procedures: Record<Correction, string> = {
  bonferroni: "Bonferroni",
  holm: "Holm",
  hochberg: "Hochberg",
  bh: "Benjamini–Hochberg",
  by: "Benjamini–Yekutieli"
};

/** isExposed: units were exposed at some time, as a warehouse tells; the rows of a file are just there. */
type Options = {studied: Finding[][]; reading: Reading; isExposed?: boolean};

/** Returns how the numbers were made, naming only the methods in use. */
export function method(findings: Finding[], {studied, reading, isExposed = true}: Options) {
  const types = [...new Set(findings.map((d) => d.metric.type))];
  const {confidence, alternative, lift} = reading;
  return html`<p>
    ${
      isExposed
        ? "Every unit counts once in the variant it was first exposed to, also where it did nothing afterwards."
        : "Every unit of the file counts once, in its variant."
    }
    Compared by ${list(types.map((d) => methods[d]))}; relative lifts by ${lifts[lift]}. Intervals are
    ${sides[alternative]} at ${confidenceOf(confidence)}. ${correctionSentence(studied, reading)}
    ${adjustmentSentence(findings, reading)} ${sequenceSentence(reading)}
  </p>`;
}

function correctionSentence(studied: Finding[][], {correction}: Reading): string {
  if (!correction) return "They are not adjusted for the number of metrics.";
  const family = `${count(familySize(studied))} comparisons of primary and secondary metrics in all variants`;
  return `p and intervals are adjusted by ${procedures[correction]} for ${family}; guardrails and other metrics are not.`;
}

function adjustmentSentence(findings: Finding[], {isAdjusted}: Reading): string {
  if (!isAdjusted) return "";
  const reductions = findings.flatMap(({effect}) => effect?.varianceReduction ?? []);
  const most = reductions.length
    ? ` takes away up to ${confidenceOf(Math.round(Math.max(...reductions) * 100) / 100)} of the variance`
    : " changes nothing";
  return `CUPED${most}: values are adjusted for the same metric before exposure.`;
}

function sequenceSentence({nStar}: Reading): string {
  return nStar === null
    ? ""
    : `Intervals hold at every look, tightest at ${count(nStar)} units (asymptotic confidence sequences).`;
}

/** Returns what the table's caption must add: whatever makes its numbers other than usual. */
export function readingNote(
  studied: Finding[][],
  {correction, isAdjusted, nStar, alternative}: Reading
): string {
  const notes = [
    alternative === "two-sided" ? [] : ["one-sided"],
    correction
      ? [`corrected by ${procedures[correction]} for ${count(familySize(studied))} comparisons`]
      : [],
    isAdjusted ? ["adjusted by CUPED"] : [],
    nStar === null ? [] : ["always valid"]
  ].flat();
  return notes.length ? ` Intervals are ${list(notes)}.` : "";
}
