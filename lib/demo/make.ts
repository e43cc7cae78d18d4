// The demo's data: an online shop's visitors, made up but lifelike, with effects that are known.

import {mkdir, readFile, rename, rm, writeFile} from "node:fs/promises";
import {existsSync} from "node:fs";
import {join} from "node:path";
import {DuckDBInstance, type DuckDBConnection} from "@duckdb/node-api";
import {aside} from "../aside.js";
import {UserError} from "../errors.js";
import {assignedSql, assignmentsQuery} from "./assigning.js";
import {eventsQuery, ordersSql, refundsSql} from "./events.js";
import {sessionsSql, usersSql} from "./people.js";
import {plantedEffects, type PlantedEffect} from "./plan.js";
import {randomMacros} from "./random.js";

export type DemoOptions = {seed?: number; scale?: number; today?: string};

/** What demo.json says of the demo beside it: what made it, how much there is and what is planted. */
export type DemoSummary = {
  version: number;
  seed: number;
  scale: number;
  /** The date all days of the demo count from; its experiments' dates must count from it too. */
  today: string;
  assignments: number;
  events: number;
  planted: PlantedEffect[];
};

// To be raised whenever the generator would write other data for the same seed.
const generatorVersion = 1;

/**
 * Returns a summary of the demo it writes into a folder: assignments.parquet, events.parquet and, last,
 * demo.json. The same seed, scale and today (a UTC date) give the same rows. Throws UserError on a bad option.
 */
export async function makeDemo(
  folder: string,
  {seed = 20251001, scale = 1, today = new Date().toISOString().slice(0, 10)}: DemoOptions = {}
): Promise<DemoSummary> {
  checkOptions(seed, scale, today);
  await mkdir(folder, {recursive: true});
  const part = aside(join(folder, "demo"));
  await mkdir(part);
  try {
    const counts = await writeTables(part, seed, scale, today);
    const summary = {version: generatorVersion, seed, scale, today, ...counts, planted: plantedEffects()};
    await writeFile(join(part, "demo.json"), JSON.stringify(summary, null, 2) + "\n");
    await moveIntoPlace(part, folder);
    return summary;
  } finally {
    await rm(part, {recursive: true, force: true});
  }
}

/** Returns what demo.json says, or null where the folder has no whole demo of this generator's version. */
export async function readDemo(folder: string): Promise<DemoSummary | null> {
  if (!files.every((file) => existsSync(join(folder, file)))) return null;
  try {
    const summary = JSON.parse(await readFile(join(folder, "demo.json"), "utf8")) as DemoSummary;
    return summary?.version === generatorVersion ? summary : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Returns whether the folder has a whole demo of this generator's version. Its age does not matter: the
 * experiments somebody has looked at, and perhaps changed, keep the data their dates belong to.
 */
export async function isDemoFresh(folder: string): Promise<boolean> {
  return (await readDemo(folder)) !== null;
}

const files = ["assignments.parquet", "events.parquet", "demo.json"];

function checkOptions(seed: number, scale: number, today: string): void {
  if (!Number.isSafeInteger(seed)) throw new UserError(`seed is not a whole number: ${seed}`);
  if (!(scale > 0 && scale <= 100)) {
    throw new UserError(`scale is out of range: ${scale}`, "1 is 60,000 accounts; choose 0.01 to 100");
  }
  if (!isDate(today)) throw new UserError(`today is not a date: ${today}`, 'write it as "2025-10-01"');
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

async function writeTables(part: string, seed: number, scale: number, today: string) {
  const instance = await DuckDBInstance.create(":memory:");
  const db = await instance.connect();
  try {
    await db.run(randomMacros(seed) + instantMacro(today) + usersSql(scale) + sessionsSql(today));
    await db.run(assignedSql() + ordersSql() + refundsSql());
    const assignments = await copy(db, assignmentsQuery(), join(part, "assignments.parquet"));
    const events = await copy(db, eventsQuery(), join(part, "events.parquet"));
    return {assignments, events};
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

function instantMacro(today: string): string {
  const midnight = Date.parse(`${today}T00:00:00Z`);
  return `
create temp macro instant(day) as make_timestamp((${midnight} + floor(day * 86400000)::bigint) * 1000);`;
}

async function copy(db: DuckDBConnection, query: string, file: string): Promise<number> {
  const target = `'${file.replaceAll("'", "''")}'`;
  const result = await db.run(`copy (${query}) to ${target} (format parquet, compression zstd)`);
  return result.rowsChanged;
}

// demo.json goes first and comes last: while it is missing, nobody takes what lies there for a demo.
async function moveIntoPlace(part: string, folder: string): Promise<void> {
  await rm(join(folder, "demo.json"), {force: true});
  for (const file of files) await rename(join(part, file), join(folder, file));
}
