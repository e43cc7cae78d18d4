// What results say, by template.

import {confidenceOf} from "../../lib/stats/format.js";
import {percent} from "../../lib/stats/words.js";
import type {ResultRow} from "../tools/reading.js";
import {escaped} from "./markdown.js";
import type {Situation} from "./understand.js";

type Assessed = {
  experiment: {name: string; status: string};
  compared: {control: string | null; treatment: string | null; other_treatments: string[]};
  confidence: number;
  chosen: string[];
  is_readable: boolean;
  srm: {pvalue: number | null; is_mismatch: boolean; split: string | null} | null;
  readiness: {status: string; title: string; sentence: string; causes: string[]};
  summary: string;
  checks: {severity: string; sentence: string}[];
};
type Results = {
  experiment: {name: string};
  compared: Assessed["compared"];
  confidence: number;
  chosen: string[];
  is_readable: boolean;
  metrics: ResultRow[];
  not_measured?: string[];
};

/** Returns what a result says: whether to read it, the answer, the metrics asked for, and what to know before believing it. */
export function sayResults(
  assessed: Assessed,
  results: Results[],
  {metric, text, treatments}: Situation
): string {
  const rows = results.flatMap((each) => each.metrics);
  const {compared, is_readable: isReadable} = assessed;
  const head = headOf(assessed);
  if (!isReadable)
    return [head, ...causesOf(assessed), "No conclusion can be drawn from this result."].join("\n\n");
  if (!compared.control) return head;
  const answer = metric
    ? results.flatMap(rowsOf)
    : [
        escaped(assessed.summary),
        ...results.filter(({metrics}) => metrics.length).map((each) => tableOf(each, results.length > 1))
      ];
  if (metric && !rows.length) return [head, ...answer].join("\n\n");
  const asksAdvice = /\b(ship|roll ?out|should we|decide|launch)\b/.test(text);
  const advice = asksAdvice ? [recommendation(assessed, rows)] : [];
  const pair =
    treatments.length > 1
      ? [
          `Each treatment is compared with the control (${escaped(compared.control)}); treatments are not compared with each other.`
        ]
      : [];
  return [head, ...pair, ...answer, ...othersOf(assessed, treatments), ...advice, ...careOf(assessed)].join(
    "\n\n"
  );
}

/** Returns whether a result may be read, and which units, variant and reading it is, where they are not as usual. */
function headOf({
  experiment,
  readiness,
  chosen
}: Pick<Assessed, "experiment" | "readiness" | "chosen">): string {
  const head = `**${escaped(experiment.name)}**: ${readiness.title.toLowerCase()}. ${escaped(readiness.sentence)}`;
  return chosen.length ? `${head}\n\n${readAs(chosen)}` : head;
}

const readAs = (chosen: string[]) => `Read as asked: ${escaped(chosen.join("; "))}.`;

/** Returns whether the units are split as planned, and where they are not, what may be the cause. */
export function saySplit(assessed: Assessed): string {
  const {srm} = assessed;
  const head = headOf(assessed);
  if (!srm) return head;
  if (srm.is_mismatch) return ["The split is not as planned.", head, ...causesOf(assessed)].join("\n\n");
  return `The split is as planned: ${escaped(srm.split ?? "")}.\n\n${head}`;
}

/** Returns several results, each by itself. */
export function sayCompared(all: Assessed[]): string {
  const each = all.map((assessed) => {
    const {is_readable: isReadable, summary} = assessed;
    return `${headOf(assessed)}\n\n${isReadable ? escaped(summary) : "No conclusion can be drawn from this result."}`;
  });
  return `${each.join("\n\n")}\n\nEach is an experiment of its own, on its own units and days: their lifts are not measured against each other.`;
}

function rowsOf({metrics: rows, not_measured: unknown = [], confidence}: Results): string[] {
  return [
    ...unknown.map((alias) => `\`${alias}\` was not measured here.`),
    ...rows.map((row) => sayRow(row, confidence))
  ];
}

const causesOf = ({readiness}: Assessed) =>
  readiness.causes.slice(0, 3).map((cause) => `- ${escaped(cause)}`);

function othersOf({compared}: Assessed, named: string[]): string[] {
  const others = compared.other_treatments
    .filter((name) => !named.includes(name))
    .map(escaped)
    .join(", ");
  const pair = `${escaped(compared.treatment!)} against ${escaped(compared.control!)}`;
  return others && named.length < 2 ? [`Compared is ${pair}; there is also ${others}.`] : [];
}

function careOf({checks}: Assessed): string[] {
  const lines = checks.slice(0, 5).map(({sentence}) => `- ${escaped(sentence)}`);
  return lines.length ? [`To know before believing it:\n\n${lines.join("\n")}`] : [];
}

/** Verdicts as sentences say them. */
export const words: Record<string, string> = {
  better: "better",
  worse: "worse",
  higher: "higher",
  lower: "lower",
  unclear: "unclear",
  invalid: "not to be read"
};

function sayRow(row: ResultRow, confidence: number): string {
  if (!("written" in row) || row.written === undefined)
    return `${escaped(row.title)} cannot be compared: ${row.reason ?? "a number is missing"}.`;
  const {title, written, pvalue, verdict, control_variant: control, variant} = row;
  const p = pvalue === null ? "" : `, p ${pvalue < 0.001 ? "< 0.001" : `= ${pvalue.toFixed(3)}`}`;
  const interval =
    written.interval === null
      ? "without an interval"
      : `with a ${confidenceOf(confidence)} interval from ${written.interval}`;
  const reason = row.reason ? ` Note: ${row.reason}.` : "";
  return `**${escaped(title)}** is ${words[verdict ?? "unclear"]}: ${written.control} in ${escaped(control)}, ${written.treatment} in ${escaped(variant)}, a ${written.kind} of ${written.effect} ${interval}${p}.${reason}`;
}

function tableOf({metrics: rows, compared}: Results, isOneOfSeveral = false): string {
  const {kind} = rows.flatMap((row) => ("written" in row && row.written ? row.written : [])).at(0) ?? {
    kind: "lift"
  };
  const title = isOneOfSeveral ? `**${escaped(compared.treatment!)}**\n\n` : "";
  const lines = rows.map((row) => {
    const shown = "written" in row ? row.written : undefined;
    return `| ${escaped(row.title)} | ${row.role} | ${shown ? `${shown.effect}${shown.interval === null ? "" : ` (${shown.interval})`}` : "–"} | ${words[row.verdict ?? ""] ?? "–"} |`;
  });
  return `${title}| Metric | Role | ${kind === "lift" ? "Lift" : "Difference"} | Verdict |\n|---|---|---|---|\n${lines.join("\n")}`;
}

function recommendation({readiness}: Assessed, rows: ResultRow[]): string {
  if (readiness.status === "wait") return "It is too early to decide: wait for the planned end.";
  const primary = rows.find(({role}) => role === "primary");
  const harmed = rows
    .filter(({role, verdict}) => role === "guardrail" && verdict === "worse")
    .map(({title}) => escaped(title));
  if (primary?.verdict === "better")
    return harmed.length
      ? `The primary metric is better and a guardrail is worse (${harmed.join(", ")}): what weighs more is yours to decide.`
      : "The primary metric is better and no guardrail is clearly worse: that speaks for shipping it.";
  if (primary?.verdict === "worse") return "The primary metric is worse: that speaks against shipping it.";
  return "The primary metric is unclear: this result is no reason to ship it, and no proof that it does nothing.";
}

/** Returns a conclusion that can be pasted. */
export function sayConclusion(assessed: Assessed, results: Results): string {
  if (!assessed.is_readable) return `No conclusion can be written: ${escaped(assessed.readiness.sentence)}`;
  const rows = results?.metrics ?? [];
  const {control, treatment} = assessed.compared;
  return [
    `**What was tried.** ${escaped(assessed.experiment.name)}: ${escaped(treatment ?? "")} against ${escaped(control ?? "")}.`,
    `**What was found.** ${escaped(assessed.summary)}`,
    assessed.chosen.length ? readAs(assessed.chosen) : "",
    rows.length ? tableOf(results) : "",
    `**What follows.** ${recommendation(assessed, rows)}`,
    assessed.checks.length
      ? `**What to know.**\n\n${assessed.checks.map(({sentence}) => `- ${escaped(sentence)}`).join("\n")}`
      : ""
  ]
    .filter(Boolean)
    .join("\n\n");
}

type Segments = {
  experiment: {name: string};
  compared: Assessed["compared"];
  chosen: string[];
  dimension: string;
  title: string;
  segments: {
    segment: string;
    units: {control: number; treatment: number};
    lift?: number | null;
    low?: number | null;
    high?: number | null;
    difference?: {value: number | null; low: number | null; high: number | null};
    verdict: string | null;
  }[];
  differ: {pvalue: number | null} | null;
};

/** Returns an effect by segment, and whether it differs. */
export function saySegments({
  experiment,
  compared,
  chosen,
  dimension,
  title,
  segments,
  differ
}: Segments): string {
  const change = (x?: number | null) => (typeof x === "number" ? percent(x, {isChange: true}) : "–");
  const lines = segments.map(
    ({segment, lift, low, high, verdict}) =>
      `| ${escaped(segment)} | ${change(lift)} (${change(low)} to ${change(high)}) | ${words[verdict ?? ""] ?? "–"} |`
  );
  const p = differ?.pvalue ?? null;
  const differs =
    p === null
      ? ""
      : p < 0.05
        ? `The effect differs between them (p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`}).`
        : `Nothing says that the effect differs between them (p = ${p.toFixed(3)}).`;
  const read = chosen.length ? `\n\n${readAs(chosen)}` : "";
  return `${escaped(title)} of **${escaped(experiment.name)}** by ${escaped(dimension)}, ${escaped(compared.treatment ?? "")} against ${escaped(compared.control ?? "")}, corrected for their number:${read}\n\n| ${escaped(dimension)} | Lift | Verdict |\n|---|---|---|\n${lines.join("\n")}\n\n${differs} Segments are for finding questions, not answers.`;
}
