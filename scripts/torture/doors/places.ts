// Places that are no SQL and no page: lines of a log and of a terminal, names of files, cells of a downloaded CSV.

import {basename, dirname, join, resolve, sep} from "node:path";
import fc from "fast-check";
import {UserError} from "../../../lib/errors.js";
import {onTerminal, printable, table} from "../../../lib/cli/table.js";
import type {Finding} from "../../../lib/stats/analysis.js";
import {openLog} from "../../../server/log.js";
import {singleFileName} from "../../../server/publish.js";
import {fileOf} from "../../../server/site-files.js";
import {csvOf} from "../../../src/components/downloads.js";
import type {Door, Outcome} from "./door.js";
import {hostileText} from "./texts.js";

const kept = (problem: string | null | undefined | false): Outcome => (problem ? {escaped: problem} : "kept");

// What a terminal obeys or what ends a line, but the line's own end.
const obeyed = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** Returns what is wrong with what a log wrote for one event. */
export function logProblem(written: string[], told: string): string | null {
  if (written.length !== 1) return `${written.length} writes`;
  const [line] = written;
  if (!line.endsWith("\n") || obeyed.test(line.slice(0, -1))) return "the line is broken, or obeyed";
  const {msg, path, err} = JSON.parse(line) as {msg: string; path: string; err: {message: string}};
  return [msg, path, err.message].every((each) => each === told) ? null : "it says something else";
}

const log: Door<string> = {
  name: "log lines",
  inputs: hostileText,
  judge: async (texts) =>
    texts.map((text) => {
      const written: string[] = [];
      openLog({level: "info", write: (line) => void written.push(line)}).info(
        {path: text, err: new Error(text)},
        text
      );
      return kept(logProblem(written, text));
    })
};

/** Returns what is wrong with a table for a terminal whose cells were given. */
export function terminalProblem(written: string, rows: number): string | null {
  const lines = written.split("\n");
  if (lines.length !== rows) return `${lines.length} lines for ${rows}`;
  return lines.some((line) => obeyed.test(line)) ? "a terminal obeys it" : null;
}

const terminal: Door<string> = {
  name: "terminal",
  inputs: hostileText,
  judge: async (texts) =>
    texts.map((text) => {
      const shown = table([
        ["name", "n"],
        [printable(text), "1"],
        ["plain", "2"]
      ]);
      const said = onTerminal(`error: there is no experiment ${text}`);
      const isObeyed = /[^\P{Cc}\t\n]/u.test(said);
      return kept(terminalProblem(shown, 3) ?? (isObeyed && "a terminal obeys an error"));
    })
};

/** Returns what is wrong with a name as that of a file in a folder. */
export function pathProblem(name: string): string | null {
  const folder = resolve("reports");
  const path = join(folder, name);
  if (dirname(path) !== folder || basename(path) !== name) return "it is elsewhere";
  if (/^[.-]/.test(name) || obeyed.test(name) || /[\\/:*?"<>|]/.test(name)) return "it is no plain name";
  if (wellFormed(name) !== name || Buffer.byteLength(name) > 255) return "no file can be called so";
  return null;
}

const paths: Door<string> = {
  name: "names of files",
  inputs: hostileText,
  judge: async (texts) => texts.map((name) => kept(pathProblem(singleFileName({id: 7, name}))))
};

const address = fc
  .tuple(fc.constantFrom("/", "/reports/", "/results/", "/_import/", "//"), hostileText, fc.boolean())
  .map(
    ([start, text, isEncoded]) =>
      start + (isEncoded ? encodeURIComponent(wellFormed(text)) : text.replaceAll(/[?#]/g, ""))
  );

const addresses: Door<string> = {
  name: "addresses of files",
  inputs: address,
  judge: async (texts) =>
    texts.map((path) => {
      const url = URL.canParse(`http://127.0.0.1${path}`) ? new URL(`http://127.0.0.1${path}`) : null;
      const file = url && fileOf(url.pathname);
      if (file === null) return "refused";
      const site = resolve("site");
      const isInside = resolve(site, file).startsWith(site + sep);
      return kept((!isInside && "it leaves the site") || (file.includes("\0") && "it holds a NUL"));
    })
};

/** Returns the cells of a CSV, by the grammar of RFC 4180. */
export function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  return rows;
}

/** Returns what is wrong with a downloaded CSV of these texts in the cells of one row. */
export function csvProblem(csv: string, texts: string[]): string | null {
  const rows = cellsOf(csv);
  if (rows.length !== 2 || rows[0].length !== rows[1].length) return "a cell leaves its place";
  const [, cells] = rows;
  const isFormula = (cell: string) =>
    /^[\s]*[=+\-@＝＋－＠]/.test(cell) && !/^-?[\d.]+(e[+-]?\d+)?$/.test(cell);
  const odd = cells.find((cell) => isFormula(cell) || /^[\t\r\n]/.test(cell));
  if (odd !== undefined) return `a spreadsheet runs ${JSON.stringify(odd)}`;
  const lost = texts.find(
    (text) => ![text, `'${text}`].some((each) => cells.includes(each.replaceAll("\0", "")))
  );
  if (lost !== undefined) return `${JSON.stringify(lost)} is not among the cells`;
  return cells.includes("-1.5") ? null : "a number is none any more";
}

/** Returns the finding of a metric and variants of these names, with a number below zero. */
export function findingOf([alias, title, control, treatment, reason]: string[]): Finding {
  const point = {value: -1.5, low: -2.5, high: -0.5, pvalue: 0.01};
  const effect = {
    n: {control: 10, treatment: 10},
    control: 3,
    treatment: 1.5,
    difference: point,
    lift: point,
    adjusted: null
  };
  return {
    metric: {alias, title, type: "mean", role: "other"},
    control,
    treatment,
    arms: [],
    effect,
    verdict: null,
    reason
  } as unknown as Finding;
}

const csv: Door<string[]> = {
  name: "downloaded CSV",
  inputs: fc.array(hostileText, {minLength: 5, maxLength: 5}),
  judge: async (rows) => rows.map((texts) => kept(csvProblem(csvOf([[findingOf(texts)]]), texts)))
};

/** Returns a text as UTF-8 carries it. */
export const wellFormed = (text: string) => Buffer.from(text).toString();

/** Returns an outcome for what is thrown: a person's error refuses, anything else has escaped. */
export const refusal = (error: unknown): Outcome =>
  error instanceof UserError ? "refused" : {escaped: `it breaks: ${String(error)}`};

/** The doors whose places are lines, names and cells. */
export const placeDoors = [log, terminal, paths, addresses, csv] as Door<unknown>[];
