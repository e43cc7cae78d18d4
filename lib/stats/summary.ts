import type {Drift} from "./checks.js";
import type {Effect, Estimate, MetricType} from "./types.js";
import {type Goal, type Scale, verdict} from "./verdict.js";
import {count, inSentence, list, percent} from "./words.js";

export type AssessedMetric = {
  alias: string;
  title: string;
  role: "primary" | "secondary" | "guardrail" | "other";
  goal: Goal;
  /** Null where the metric has no lawful moments; then the reason says why. */
  effect: Effect | null;
  reason?: string | null;
  /** Tells a proportion, whose small counts are checked. */
  type?: MetricType;
  /** The harm a guardrail may do, a positive lift such as 0.01. */
  margin?: number | null;
  /** The variant in which one unit carries a large share of the variance, with that share. */
  dominance?: {variant: string; share: number} | null;
  /** How the lift changes with the days since exposure, where that was measured: driftOf(). */
  drift?: Drift | null;
  /** How the variants differed before exposure, where that was measured. */
  before?: Effect | null;
  /** Writes a difference in the metric's own unit, signed; plain numbers without it. */
  writeDifference?: (difference: number) => string;
};

/** A piece of a sentence; strong pieces are shown bold, em pieces are names in italics. */
export type SummaryPart = {text: string; strong?: boolean; em?: boolean};

export type SummaryOptions = {scale: Scale; confidence: number; isValid: boolean};

/** Returns the answer in plain sentences: the primary metric with its interval, then the guardrails. */
export function summaryOf(
  treatment: string,
  metrics: AssessedMetric[],
  options: SummaryOptions
): SummaryPart[] {
  if (!options.isValid) {
    return [
      {
        text: "No conclusion: the traffic is not split as planned. The numbers below are shown for finding the cause."
      }
    ];
  }
  const primary = metrics.find((metric) => metric.role === "primary");
  const head = primary
    ? primarySentence(treatment, primary, options)
    : [{text: "This experiment declares no primary metric."}];
  return [...head, ...guardrailSentence(metrics, options)];
}

function primarySentence(
  treatment: string,
  metric: AssessedMetric,
  {scale, confidence}: SummaryOptions
): SummaryPart[] {
  const {effect, goal, title} = metric;
  const estimate = effect?.[scale];
  if (!effect || !estimate || estimate.value === null || estimate.low === null) {
    return [
      {text: title, strong: true},
      {text: ` cannot be compared: ${metric.reason ?? effect?.reason ?? "a number is missing"}.`}
    ];
  }
  const found = verdict(effect, goal, {scale});
  const write = writerOf(metric, scale);
  const interval = `with a ${Number((confidence * 100).toPrecision(6))}% interval ${range(estimate, write)}`;
  const name = {text: inSentence(title), strong: true};
  if (found === "unclear") {
    return [
      {text: "No clear effect of "},
      {text: treatment, em: true},
      {text: " on "},
      name,
      {text: `: ${write(estimate.value)}, ${interval}.`}
    ];
  }
  const verb = estimate.value > 0 ? "raises" : "lowers";
  const size = {text: `${name.text} by ${write(estimate.value).replace(/^[+−]/, "")}`, strong: true};
  const good = found === "better" || found === "worse" ? ` That is ${found}.` : "";
  return [{text: treatment, em: true}, {text: ` ${verb} `}, size, {text: `, ${interval}.${good}`}];
}

/** Returns the function that writes a change of a metric on a scale, signed. */
export function writerOf({writeDifference}: AssessedMetric, scale: Scale): (x: number) => string {
  if (scale === "lift") return (x) => percent(x, {isChange: true});
  return (
    writeDifference ?? ((x) => `${x > 0 ? "+" : ""}${String(Number(x.toPrecision(3))).replace("-", "−")}`)
  );
}

function range({low, high}: Estimate, write: (x: number) => string): string {
  if (high === Infinity) return `from ${write(low!)} up`;
  if (low === -Infinity) return `up to ${write(high!)}`;
  return `from ${write(low!)} to ${write(high!)}`;
}

function guardrailSentence(metrics: AssessedMetric[], {scale}: SummaryOptions): SummaryPart[] {
  const guardrails = metrics.filter((metric) => metric.role === "guardrail");
  if (!guardrails.length) return [];
  const worse = guardrails.filter(({effect, goal}) => effect && verdict(effect, goal, {scale}) === "worse");
  const names = list(worse.map(({title}) => inSentence(title)));
  if (worse.length === 1) return [{text: ` One guardrail, ${names}, is worse.`}];
  if (worse.length) return [{text: ` ${count(worse.length)} guardrails are worse: ${names}.`}];
  return [
    {
      text:
        guardrails.length === 1 ? " The guardrail is not clearly worse." : " No guardrail is clearly worse."
    }
  ];
}
