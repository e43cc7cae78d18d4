import type {Effect} from "./types.js";
import {type Goal, type Scale, verdict} from "./verdict.js";

export type AssessedMetric = {
  alias: string;
  title: string;
  role: "primary" | "secondary" | "guardrail" | "other";
  goal: Goal;
  effect: Effect;
};

/** A piece of a sentence; strong pieces are shown bold. */
export type SummaryPart = {text: string; strong?: boolean};

type SummaryOptions = {scale: Scale; confidence: number; isEarly: boolean};

/** Returns the answer in plain sentences: the primary metric with its interval, then the guardrails that are worse. */
export function summaryOf(
  treatment: string,
  metrics: AssessedMetric[],
  options: SummaryOptions
): SummaryPart[] {
  const primary = metrics.find((metric) => metric.role === "primary");
  const head = primary
    ? primarySentence(treatment, primary, options)
    : [{text: "No primary metric is declared, so there is no single answer."}];
  const early = options.isEarly ? [{text: "So far: ", strong: true}] : [];
  return [...early, ...head, ...guardrailSentence(metrics, options)];
}

function primarySentence(
  treatment: string,
  {title, goal, effect}: AssessedMetric,
  {scale, confidence}: SummaryOptions
): SummaryPart[] {
  const name = lowerFirst(title);
  const {value, low, high} = effect[scale];
  if (value === null || low === null || high === null)
    return [{text: `${title} cannot be compared: ${effect.reason ?? "a number is missing"}.`}];
  const interval = `with a ${round(confidence * 100)}% interval ${range(low, high, scale)}`;
  if (verdict(effect, goal, {scale}) !== "unclear")
    return [
      {text: `${treatment} ${value > 0 ? "raises" : "lowers"} `},
      {text: `${name} by ${show(Math.abs(value), scale)}`, strong: true},
      {text: `, ${interval}.`}
    ];
  return [
    {text: `The effect of ${treatment} on `},
    {text: `${name} is unclear`, strong: true},
    {text: `: ${scale === "lift" ? "lift" : "difference"} ${signed(value, scale)}, ${interval}.`}
  ];
}

function range(low: number, high: number, scale: Scale): string {
  if (high === Infinity) return `from ${show(low, scale)} up`;
  if (low === -Infinity) return `up to ${show(high, scale)}`;
  return `from ${show(low, scale)} to ${show(high, scale)}`;
}

function guardrailSentence(metrics: AssessedMetric[], {scale}: SummaryOptions): SummaryPart[] {
  const guardrails = metrics.filter((metric) => metric.role === "guardrail");
  const worse = guardrails.filter(({effect, goal}) => verdict(effect, goal, {scale}) === "worse");
  if (guardrails.length === 0) return [];
  if (worse.length === 0)
    return [{text: guardrails.length === 1 ? " The guardrail is not worse." : " No guardrail is worse."}];
  const names = worse.map((metric) => lowerFirst(metric.title));
  if (worse.length === 1) return [{text: ` One guardrail, ${names[0]}, is worse.`}];
  return [{text: ` ${worse.length} guardrails are worse: ${names.join(", ")}.`}];
}

// "Purchase conversion" inside a sentence; an abbreviation such as "ARPU" stays.
function lowerFirst(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
}

function signed(value: number, scale: Scale): string {
  return (value > 0 ? "+" : "") + show(value, scale);
}

function show(value: number, scale: Scale): string {
  if (scale === "difference") return minus(Number(value.toPrecision(3)).toString());
  return `${minus((value * 100).toFixed(1))}%`;
}

function minus(text: string): string {
  return text.replace(/^-0(\.0+)?$/, "0$1").replace("-", "−");
}

function round(percent: number): number {
  return Number(percent.toFixed(4));
}
