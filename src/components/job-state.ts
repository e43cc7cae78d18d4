import type {Job} from "../../lib/types.js";
import {capital, count, duration, minute, size} from "../stats/format.js";
import {html} from "./notebook.js";
import {sqlText} from "./sql-text.js";

const marks: Record<Job["status"], string> = {
  completed: "✓",
  failed: "✗",
  cancelled: "–",
  running: "◐",
  pending: "◐"
};

/** Returns how a job stands: a mark, a word, and when. */
export const jobState = ({status, createdAt, facts}: Job) =>
  html`<span class=${`job ${status}`}>${marks[status]} ${status}</span>
    <small
      >${minute(createdAt)}${facts.durationMs === undefined ? "" : `, ${duration(facts.durationMs)}`}</small
    >`;

/** Returns what a job took and read, in words. */
export function jobCost({facts}: Job): string[] {
  const {durationMs, rows, bytes, cacheHit} = facts;
  return [
    ...(durationMs === undefined ? [] : [duration(durationMs)]),
    ...(rows === undefined ? [] : [`${count(rows)} rows`]),
    ...(bytes === undefined ? [] : [`${size(bytes)} read`]),
    ...(cacheHit ? ["from the cache"] : [])
  ];
}

/** Returns why a job failed: the warehouse's own words, the line of SQL they point to, and what to do. */
export function jobFailure({error, query, facts}: Pick<Job, "error" | "query" | "facts">) {
  const {line, hint} = facts;
  const words = line ? (error ?? "").replace(/\n {2}line \d+: .*$/, "") : (error ?? "no reason was kept");
  const excerpt = line
    ? html.fragment`<dt>Line ${line}</dt><dd>${sqlText(query, {
        label: "The line it points to",
        lines: {from: Math.max(1, line - 1), until: line + 1},
        isLit: (_, number) => number === line
      })}</dd>`
    : null;
  return html`<dl class="job-failure">
    <dt>It says</dt>
    <dd>${words}</dd>
    ${excerpt} ${hint ? html.fragment`<dt>Try</dt><dd>${capital(hint)}</dd>` : null}
  </dl>`;
}
