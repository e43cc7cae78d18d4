import {stat} from "node:fs/promises";
import {extname, resolve} from "node:path";
import {checkConfidence} from "../analyze/question.js";
import {auditUnits, type AuditResult} from "../audit.js";
import {unitsOfFile} from "../audit/file.js";
import {unitsOfObservation} from "../audit/observation.js";
import type {AuditedUnits} from "../audit/units.js";
import {UserError} from "../errors.js";
import {closeStore} from "../store.js";
import {openWorkspace} from "../workspace.js";
import type {Io} from "./main.js";
import {count, pvalue} from "./numbers.js";
import {printable, table} from "./table.js";

export type AuditOptions = {
  unit?: string;
  variant?: string;
  control?: string;
  mean: string[];
  proportion: string[];
  ratio: string[];
  aggregate?: boolean;
  metric: string[];
  permutations: number;
  seed: number;
  confidence?: number;
  json?: boolean;
};

/** Prints how often each metric's test rejects where there is nothing to find: the units' own variants, shuffled. */
export async function audit(target: string, options: AuditOptions, io: Io) {
  checkOptions(options);
  const {confidence, ...audited} = (await isFile(target, io))
    ? await readFileTarget(target, options, io)
    : await readObservationTarget(target, options, io);
  const results = await runAudit(audited, {...options, confidence}, io);
  const run = {...options, confidence, target};
  io.out(
    options.json ? JSON.stringify(toJson(results, audited, run), null, 2) : describe(results, audited, run)
  );
}

function checkOptions({permutations, seed, confidence}: AuditOptions) {
  if (!(Number.isInteger(permutations) && permutations >= 100 && permutations <= 1_000_000))
    throw new UserError(
      `--permutations is a whole number from 100 to 1,000,000, not ${permutations}`,
      "2000 tells 5% from 7%"
    );
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new UserError(`--seed is a whole number, not ${seed}`, "for example --seed 1");
  if (confidence !== undefined) checkConfidence(confidence);
}

async function isFile(target: string, {folder}: Io): Promise<boolean> {
  if ([".csv", ".tsv", ".parquet"].includes(extname(target).toLowerCase())) return true;
  return (await stat(resolve(folder, target)).catch(() => null))?.isFile() ?? false;
}

type Target = AuditedUnits & {confidence: number};

async function readFileTarget(target: string, options: AuditOptions, {folder}: Io): Promise<Target> {
  const {variant, control, mean, proportion, ratio, metric, confidence = 0.95} = options;
  if (metric.length)
    throw new UserError(
      "--metric is for an observation",
      "name a file's columns by --mean, --proportion or --ratio"
    );
  if (variant === undefined || control === undefined)
    throw new UserError(
      `${target} is a file: ${variant === undefined ? "--variant" : "--control"} is missing`,
      "say which column names the variant and which variant is the control: --variant COLUMN --control NAME"
    );
  const columns = {means: mean, proportions: proportion, ratios: ratio, lowerIsBetter: []};
  const file = resolve(folder, target);
  return {...(await unitsOfFile({...options, ...columns, file, variant, control, confidence})), confidence};
}

async function readObservationTarget(target: string, options: AuditOptions, {folder}: Io): Promise<Target> {
  const {unit, variant, mean, proportion, ratio, aggregate, metric, control} = options;
  if (unit || variant || aggregate || mean.length || proportion.length || ratio.length)
    throw new UserError(
      `${target} is no file, so its columns cannot be named`,
      "an observation's metrics are named by --metric; a file's name ends in .csv, .tsv or .parquet"
    );
  const workspace = await openWorkspace(folder);
  try {
    const audited = await unitsOfObservation(workspace, target, {metrics: metric, control});
    return {...audited, confidence: options.confidence ?? workspace.config.statistics.confidence};
  } finally {
    closeStore(workspace.store);
  }
}

type Run = AuditOptions & {confidence: number};

async function runAudit(audited: AuditedUnits, {permutations, seed, confidence}: Run, io: Io) {
  const controller = new AbortController();
  const cancel = () => controller.abort(new UserError("the audit was cancelled", "nothing was kept"));
  process.once("SIGINT", cancel);
  try {
    const {signal} = controller;
    return await auditUnits(audited, {
      permutations,
      seed,
      confidence,
      signal,
      onProgress: progress(permutations, io)
    });
  } finally {
    process.off("SIGINT", cancel);
  }
}

// A person who waits is told every two seconds; a pipe is not.
function progress(permutations: number, io: Io): ((done: number) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  let last = performance.now();
  return (done) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    io.err(`${count(done)} of ${count(permutations)} shuffles`);
  };
}

type Named = Run & {target: string};

function toJson(
  results: AuditResult[],
  audited: AuditedUnits,
  {target, permutations, seed, confidence}: Named
) {
  const {control, units, crossovers, refused} = audited;
  return {
    target,
    control,
    units,
    permutations,
    seed,
    confidence,
    audits: results.map(resultJson),
    refused,
    left_out: {crossovers}
  };
}

function resultJson({metric, type, variant, n, kind, observed, reason, ...found}: AuditResult) {
  return {
    metric,
    type,
    variant,
    n_control: n.control,
    n: n.treatment,
    finding: kind,
    alpha: Number(found.alpha.toPrecision(12)),
    tested: found.tested,
    rejections: found.rejections,
    rate: found.rate,
    band: found.band,
    inside: kind === "untested" ? null : kind === "sound",
    histogram: found.histogram,
    uniformity: found.uniformity,
    pvalue: observed?.pvalue ?? null,
    permutation_pvalue: observed?.permutationPvalue ?? null,
    largest_unit_share: found.largestShare,
    sentence: found.sentence,
    ...(reason ? {reason} : {})
  };
}

function describe(results: AuditResult[], audited: AuditedUnits, {permutations, seed}: Named): string {
  const {units, control, crossovers, refused} = audited;
  const arms = Object.entries(units)
    .sort(([a], [b]) => Number(b === control) - Number(a === control) || (a < b ? -1 : 1))
    .map(([name, n]) => `${printable(name)} ${count(n)}${name === control ? " (control)" : ""}`);
  return [
    `Units: ${arms.join(", ")}`,
    ...(crossovers ? [`Left out: ${count(crossovers)} units seen in more than one variant`] : []),
    `Shuffles: ${count(permutations)} of seed ${seed}; no shuffle has anything to find, so every rejection is false`,
    ...(results.length ? ["", resultsTable(results), ""] : []),
    ...results.map((d) => `${label(d, results)}: ${d.sentence}.`),
    ...Object.entries(refused).map(([metric, why]) => `${printable(metric)} is not audited: ${why}.`)
  ].join("\n");
}

function label({metric, variant}: AuditResult, results: AuditResult[]): string {
  const several = new Set(results.map((d) => d.variant)).size > 1;
  return several ? `${printable(metric)}, ${printable(variant)}` : printable(metric);
}

function resultsTable(results: AuditResult[]): string {
  const header = [
    "metric",
    "variant",
    "rejects",
    "99.9% band",
    "p from 0 to 1",
    "p of even spread",
    "largest unit",
    "p",
    "by shuffling",
    "finding"
  ];
  return table([header, ...results.map(resultRow)], {numbers: [2, 5, 6, 7, 8]});
}

const marks = {
  sound: "✓ sound",
  "too-many": "✗ rejects too often",
  "too-few": "✗ rejects too rarely",
  untested: "– untested"
};

function resultRow(d: AuditResult): string[] {
  return [
    printable(d.metric),
    printable(d.variant),
    percent(d.rate),
    d.band ? `${percent(d.band.low)} to ${percent(d.band.high)}` : "–",
    d.tested ? bars(d.histogram) : "–",
    pvalue(d.uniformity?.pvalue ?? null),
    percent(d.largestShare),
    pvalue(d.observed?.pvalue ?? null),
    pvalue(d.observed?.permutationPvalue ?? null),
    marks[d.kind]
  ];
}

// Even bins are half as high as the scale, so that what is too many and what is too few can both be seen.
function bars(histogram: number[]): string {
  const even = histogram.reduce((sum, n) => sum + n, 0) / histogram.length;
  return histogram.map((n) => "▁▂▃▄▅▆▇█"[Math.min(7, Math.round((n / even) * 3))]).join("");
}

const percent = (x: number | null) =>
  x === null ? "–" : `${(x * 100).toFixed(x > 0 && x < 0.001 ? 3 : 1)}%`;
