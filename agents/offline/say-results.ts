// What results say, by template.

import {percent} from "../../lib/stats/words.js";
import type {ResultRow} from "../tools/reading.js";
import {escaped} from "./markdown.js";
import type {Situation} from "./understand.js";

type Assessed = {
  experiment: {name: string; status: string};
  compared: {control: string | null; treatment: string | null; other_treatments: string[]};
  confidence: number;
  is_readable: boolean;
  readiness: {status: string; title: string; sentence: string; causes: string[]};
  summary: string;
  checks: {severity: string; sentence: string}[];
};
type Results = {
  experiment: {name: string};
  compared: Assessed["compared"];
  confidence: number;
  is_readable: boolean;
  metrics: ResultRow[];
  not_measured?: string[];
};

/** Returns what a result says: whether to read it, the answer, the metrics asked for, and what to know before believing it. */
export function sayResults(
  assessed: Assessed | null,
  results: Results | null,
  {metric, text}: Situation
): string {
  const rows = results?.metrics ?? [];
  if (!assessed) return rowsOf(rows, results).join("\n\n");
  const {experiment, readiness, compared, is_readable: isReadable} = assessed;
  const head = `**${escaped(experiment.name)}**: ${readiness.title.toLowerCase()}. ${escaped(readiness.sentence)}`;
  if (!isReadable)
    return [head, ...causesOf(assessed), "No conclusion can be drawn from this result."].join("\n\n");
  if (!compared.control) return head;
  const answer = metric
    ? rowsOf(rows, results)
    : [escaped(assessed.summary), ...(rows.length ? [tableOf(rows)] : [])];
  if (metric && !rows.length) return [head, ...answer].join("\n\n");
  const asksAdvice = /\b(ship|roll ?out|should we|decide|launch)\b/.test(text);
  const advice = asksAdvice ? [recommendation(assessed, rows)] : [];
  return [head, ...answer, ...othersOf(assessed), ...advice, ...careOf(assessed)].join("\n\n");
}

function rowsOf(rows: ResultRow[], results: Results | null): string[] {
  const {not_measured: unknown = [], confidence = 0.95} = results ?? {};
  return [
    ...unknown.map((alias) => `\`${alias}\` was not measured here.`),
    ...rows.map((row) => sayRow(row, confidence))
  ];
}

const causesOf = ({readiness}: Assessed) =>
  readiness.causes.slice(0, 3).map((cause) => `- ${escaped(cause)}`);

function othersOf({compared}: Assessed): string[] {
  const others = compared.other_treatments.map(escaped).join(", ");
  return others ? [`Compared is ${escaped(compared.treatment!)}; there is also ${others}.`] : [];
}

function careOf({checks}: Assessed): string[] {
  const lines = checks.slice(0, 5).map(({sentence}) => `- ${escaped(sentence)}`);
  return lines.length ? [`To know before believing it:\n\n${lines.join("\n")}`] : [];
}

const words: Record<string, string> = {
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
    row.low === null
      ? "without an interval"
      : `with a ${percent(confidence, {digits: 0})} interval from ${written.interval}`;
  const reason = row.reason ? ` Note: ${row.reason}.` : "";
  return `**${escaped(title)}** is ${words[verdict ?? "unclear"]}: ${written.control} in ${escaped(control)}, ${written.treatment} in ${escaped(variant)}, a lift of ${written.lift} ${interval}${p}.${reason}`;
}

function tableOf(rows: ResultRow[]): string {
  const lines = rows.map((row) => {
    const shown = "written" in row ? row.written : undefined;
    return `| ${escaped(row.title)} | ${row.role} | ${shown ? `${shown.lift} (${shown.interval})` : "–"} | ${words[row.verdict ?? ""] ?? "–"} |`;
  });
  return `| Metric | Role | Lift | Verdict |\n|---|---|---|---|\n${lines.join("\n")}`;
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
    rows.length ? tableOf(rows) : "",
    `**What follows.** ${recommendation(assessed, rows)}`,
    assessed.checks.length
      ? `**What to know.**\n\n${assessed.checks.map(({sentence}) => `- ${escaped(sentence)}`).join("\n")}`
      : ""
  ]
    .filter(Boolean)
    .join("\n\n");
}

type Segments = {
  dimension: string;
  title: string;
  segments: {
    segment: string;
    units: {control: number; treatment: number};
    lift?: number | null;
    low?: number | null;
    high?: number | null;
    verdict: string | null;
  }[];
  differ: {pvalue: number | null} | null;
};

/** Returns an effect by segment, and whether it differs. */
export function saySegments({dimension, title, segments, differ}: Segments): string {
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
  return `${escaped(title)} by ${escaped(dimension)}, corrected for their number:\n\n| ${escaped(dimension)} | Lift | Verdict |\n|---|---|---|\n${lines.join("\n")}\n\n${differs} Segments are for finding questions, not answers.`;
}

type Plan = {
  traffic_of: {experiment: string};
  lift: number;
  days_asked: number;
  power: number;
  confidence: number;
  looks_ahead_days: number;
  plans: {
    title: string;
    units_of_each_variant: number[] | null;
    total_units: number | null;
    day: number | null;
    smallest_lift_in_days_asked: number | null;
    reason: string | null;
  }[];
};

/** Returns how long a lift takes, and what the days asked for show. */
export function sayPlan(
  {traffic_of, lift, days_asked, power, confidence, looks_ahead_days, plans}: Plan,
  {days}: Situation
): string {
  const whole = (x: number) =>
    percent(x, {digits: Number.isInteger(Number((x * 100).toPrecision(6))) ? 0 : 1});
  const lines = plans.map(
    ({title, total_units: total, day, smallest_lift_in_days_asked: smallest, reason}) => {
      if (total === null) return `${escaped(title)} cannot be planned: ${reason}.`;
      const units = String(total).replace(/\B(?=(\d{3})+$)/g, ",");
      const when =
        day === null
          ? `which this traffic does not reach within ${looks_ahead_days} days`
          : `which this traffic reaches on day ${day}`;
      const shown =
        days && smallest !== null
          ? ` In ${days_asked} days a lift of ${percent(smallest)} or more would show.`
          : "";
      return `To see a lift of ${whole(lift)} in **${escaped(title)}** takes ${units} units in all, ${when}.${shown}`;
    }
  );
  return `${lines.join("\n\n")}\n\nWith ${whole(power)} power at ${whole(confidence)} confidence, from the traffic and baseline of ${escaped(traffic_of.experiment)}.`;
}

type Portfolio = {
  found: number;
  verdicts: Record<string, number>;
  experiments: {
    name: string;
    status: string;
    primary: {title: string; lift: number | null; verdict: string | null} | null;
  }[];
};

/** Returns what several experiments showed together. */
export function sayPortfolio({found, verdicts, experiments}: Portfolio): string {
  if (!found) return "No experiment is about that.";
  const counts = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict}`);
  const lines = experiments.map(({name, status, primary}) => {
    const {title, lift, verdict} = primary ?? {title: "", lift: null, verdict: null};
    const shown = primary
      ? `${escaped(title)} ${lift === null ? "–" : percent(lift, {isChange: true})}, ${words[verdict ?? ""] ?? "–"}`
      : "no result yet";
    return `- **${escaped(name)}** (${status}): ${shown}`;
  });
  return `Of ${found} experiments by their primary metric: ${counts.join(", ")}.\n\n${lines.join("\n")}`;
}
