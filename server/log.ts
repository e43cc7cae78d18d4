import {randomUUID} from "node:crypto";
import {createMiddleware} from "hono/factory";
import pino from "pino";
import type {Logger} from "pino";
import {redacted} from "../lib/config/secrets.js";
import type {LogLevel} from "../lib/config/types.js";

export type Log = Logger;

declare module "hono" {
  /** What a request's log line tells; a route may add the job that it started. */
  interface ContextVariableMap {
    request: string;
    job?: number;
  }
}

export type LogOptions = {
  level?: LogLevel;
  redact?: (text: string) => string;
  write?: (line: string) => void;
};

/** Returns a log of JSON lines on standard error; no line leaves it before `redact` has seen it. */
export function openLog({
  level = "warn",
  redact = redacted,
  write = (line) => void process.stderr.write(line)
}: LogOptions = {}): Log {
  const names = {level: (label: string) => ({level: label})};
  const options = {level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: names};
  return pino(options, {write: (line: string) => write(onOneLine(redact(line)))});
}

// JSON leaves these as they are, and a terminal may obey them or a reader of lines break at them.
const onOneLine = (line: string) =>
  line.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`
  );

/** Gives every request an id, which its answer carries, and tells of it once it is answered. */
export const logged = (log: Log) =>
  createMiddleware(async (c, next) => {
    const request = randomUUID();
    const started = performance.now();
    c.set("request", request);
    await next();
    c.header("X-Request-Id", request);
    const ms = Math.round(performance.now() - started);
    const {method, path} = c.req;
    log.info({request, method, path, status: c.res.status, ms, job: c.get("job")}, "answered");
  });
