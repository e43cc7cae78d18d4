// Looks at everything a workspace stands on, each thing by itself, so that one that is broken hides no other.

import {accessSync, constants, existsSync} from "node:fs";
import {readdir, rm, stat, statfs, writeFile} from "node:fs/promises";
import {dirname, join} from "node:path";
import Database from "better-sqlite3";
import {version as engineVersion} from "@duckdb/node-api";
import {isGuarded, waysIn} from "./access/ways-in.js";
import {aside} from "./aside.js";
import {cacheFolder} from "./cache.js";
import {verifyCache} from "./cache-report.js";
import {checkTemplates} from "./check-templates.js";
import {loadConfig} from "./config.js";
import {redactor} from "./config/secrets.js";
import {command} from "./command.js";
import {explain, UserError} from "./errors.js";
import {requireMetrics} from "./metrics.js";
import {counted} from "./stats/words.js";
import {requireIntegrity} from "./store/backup.js";
import {explained} from "./store/failure.js";
import {holderOf} from "./store/lock.js";
import {isEmpty, refuseStrangers} from "./store/open.js";
import {makePrivateFolder} from "./store/private.js";
import type {Config} from "./config/types.js";
import {readable} from "./warehouse/limits.js";
import {openConnector} from "./warehouse/open.js";
import {storeFile} from "./workspace.js";

/** One thing that was looked at: what was found, or what is wrong and what to do about it. */
export type Finding = {what: string; isSound: boolean; said: string; hint: string | null};

type Check = [what: string, look: () => Promise<string> | string];

/** Returns a finding for each thing a workspace stands on; never throws for what is wrong with them. */
export async function examine(folder: string): Promise<Finding[]> {
  const findings = [await found(["versions", versions])];
  const loaded = await loadConfig(folder).catch((error: unknown) => error);
  const configuration = await found(["configuration", () => configured(loaded)]);
  findings.push(configuration);
  if (!configuration.isSound) return findings;
  const config = loaded as Config;
  const redact = redactor(config);
  for (const check of checksOf(config)) findings.push(await found(check, redact));
  return findings;
}

function checksOf(config: Config): Check[] {
  const {data} = config.folders;
  return [
    ["metrics", () => metricsAndTemplates(config)],
    ["disk", () => space(data)],
    ["rights", () => rights(data)],
    ["database", () => database(storeFile(config))],
    ["server", () => served(data)],
    ["access", () => access(config)],
    ["cache", () => cache(cacheFolder(config))],
    ["warehouse", () => warehouse(config)],
    ["model", () => model(config)]
  ];
}

async function found([what, look]: Check, redact = (text: string) => text): Promise<Finding> {
  try {
    return {what, isSound: true, said: redact(await look()), hint: null};
  } catch (error) {
    const {message, hint} = explain(error);
    return {what, isSound: false, said: redact(message), hint: hint && redact(hint)};
  }
}

const versions = () => {
  const sqlite = new Database(":memory:");
  const found = sqlite.prepare<[], string>("select sqlite_version()").pluck().get();
  sqlite.close();
  return `Node ${process.versions.node}, DuckDB ${engineVersion().replace(/^v/, "")}, SQLite ${found}`;
};

function configured(loaded: unknown): string {
  if (loaded instanceof Error) throw loaded;
  const {file} = loaded as Config;
  return existsSync(file) ? file : `${file} is not there: every default holds`;
}

async function metricsAndTemplates({folders, scenarios}: Config): Promise<string> {
  const {metrics} = await requireMetrics(folders.metrics);
  const problems = await checkTemplates(folders.queries, scenarios.templates, metrics);
  if (problems.length)
    throw new UserError(
      `${counted(problems.length, "problem")} in the templates`,
      `${command} validate lists each with its place`
    );
  return `${counted(metrics.length, "metric")}, ${counted(Object.keys(scenarios.templates).length, "scenario")}`;
}

const enough = 2 ** 30;

async function space(data: string): Promise<string> {
  const probe = aside(join(data, "probe"));
  try {
    makePrivateFolder(data);
    await writeFile(probe, "written");
    await rm(probe);
  } catch (error) {
    throw explained(error, data);
  }
  const {bavail, bsize} = await statfs(data);
  const free = `${readable(bavail * bsize)} free for ${data}`;
  if (bavail * bsize < enough)
    throw new UserError(
      `only ${free}`,
      `make room: ${command} cache prune, old copies in backups/, *.backup and *.replaced-*`
    );
  return free;
}

const others = 0o007;

async function rights(data: string): Promise<string> {
  if (!((await stat(data)).mode & others)) return `nobody else looks into ${data}`;
  const names = (await readdir(data, {recursive: true})).filter((name) => /\.(db|backup)\b/.test(name));
  const files = names.map((name) => join(data, name));
  const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode));
  const open = files.filter((_, i) => modes[i] & others);
  throw new UserError(
    `everybody on this machine may look into ${data}`,
    [`chmod 700 ${data}`, ...(open.length ? [`chmod 600 ${open.join(" ")}`] : [])].join("; ")
  );
}

function database(file: string): string {
  if (!existsSync(file)) return missing(file);
  try {
    accessSync(file, constants.W_OK);
    const db = new Database(file, {readonly: true, timeout: 5000});
    try {
      refuseStrangers(db, file);
      requireIntegrity(db, file);
      if (isEmpty(db)) return `${file} is empty: the first start makes it`;
      const count = (table: string) => db.prepare<[], number>(`select count(*) from ${table}`).pluck().get()!;
      const version = Number(db.pragma("user_version", {simple: true}));
      return `${file}: sound, schema ${version}, ${counted(count("experiments"), "experiment")}, ${counted(count("calculation_jobs"), "job")}`;
    } finally {
      db.close();
    }
  } catch (error) {
    throw explained(error, file);
  }
}

function missing(file: string): string {
  const holder = holderOf(dirname(file));
  if (!holder) return `${file} is made at the first start`;
  throw new UserError(
    `${file} is gone, and process ${holder.pid} goes on serving what it was`,
    `stop that server, then ${command} restore FILE`
  );
}

function served(data: string): string {
  const holder = holderOf(data);
  return holder
    ? `process ${holder.pid} serves at ${holder.url ?? "an address it has not told yet"}`
    : "none runs";
}

function access(config: Config): string {
  const file = storeFile(config);
  return waysIn(config, isGuarded(config.auth) && existsSync(file) ? usersIn(file) : 0);
}

// A database from before there were users has none.
function usersIn(file: string): number {
  const db = new Database(file, {readonly: true, timeout: 5000});
  try {
    const has = db.prepare("select 1 from sqlite_schema where name = 'users'").get();
    return has ? db.prepare<[], number>("select count(*) from users").pluck().get()! : 0;
  } catch (error) {
    throw explained(error, file);
  } finally {
    db.close();
  }
}

async function cache(folder: string): Promise<string> {
  const {files, broken} = await verifyCache(folder);
  const names = Object.keys(broken);
  if (names.length)
    throw new UserError(
      `${names.length} of ${files} files cannot be used: ${names.join(", ")}`,
      "delete them: what they held is calculated again when it is asked for"
    );
  return `${counted(files, "file")}, none damaged`;
}

async function warehouse(config: Config): Promise<string> {
  const connector = await openConnector(config.warehouse, {writable: [cacheFolder(config)]});
  try {
    return await connector.test();
  } finally {
    await connector.close();
  }
}

async function model({assistant: {baseUrl, apiKey}}: Config): Promise<string> {
  if (!baseUrl) return "none is configured";
  const hint = "check assistant.base_url, its key and the network; the assistant works by rules meanwhile";
  const headers: Record<string, string> = apiKey ? {Authorization: `Bearer ${apiKey}`} : {};
  const answer = await fetch(`${baseUrl.replace(/\/$/, "")}/models`, {
    headers,
    signal: AbortSignal.timeout(5000)
  }).catch((error: Error) => {
    throw new UserError(`${baseUrl} cannot be reached: ${error.message}`, hint);
  });
  if (!answer.ok) throw new UserError(`${baseUrl} answers with ${answer.status}`, hint);
  return `${baseUrl} answers`;
}
