// Read-only SQL with a hard limit of time: a query in SQLite cannot be interrupted, its process can be killed.

import {fork, type ChildProcess} from "node:child_process";
import {fileURLToPath} from "node:url";
import {UserError} from "../../lib/errors.js";
import type {QueryRows} from "../types.js";

export type RunnerOptions = {limitMs?: number; mostRows?: number};

const program = fileURLToPath(new URL("./child.mjs", import.meta.url));

type Answer = {id: number; found?: QueryRows; error?: string};

/** Returns a function that runs one SELECT on a database file, one after the other; it throws a UserError for what is refused, too slow or stopped. */
export function sqlRunner(file: string, {limitMs = 3000, mostRows = 200}: RunnerOptions = {}) {
  let child: ChildProcess | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;

  const started = () => {
    if (child?.connected) return child;
    const limits = JSON.stringify({mostRows, mostInCell: 2000, mostInAll: 60_000});
    child = fork(program, [file, limits], {
      execArgv: ["--max-old-space-size=128"],
      env: {PATH: process.env.PATH},
      stdio: ["ignore", "ignore", "ignore", "ipc"]
    });
    child.unref();
    child.channel?.unref();
    return child;
  };

  const ask = (sql: string, signal: AbortSignal) =>
    new Promise<QueryRows>((resolve, reject) => {
      if (signal.aborted) return reject(stopped());
      const own = started();
      const id = ++count;
      const kill = (error: UserError) => {
        own.kill("SIGKILL");
        if (child === own) child = null;
        end(() => reject(error));
      };
      const slow = new UserError(
        `the query took longer than ${limitMs / 1000} s and was stopped`,
        "ask for less: fewer rows, no cross join"
      );
      const timer = setTimeout(() => kill(slow), limitMs);
      const onAbort = () => kill(stopped());
      const onExit = () => kill(new UserError("the query's process ended", "run it again"));
      const onAnswer = (answer: Answer) => {
        if (answer.id !== id) return;
        const {found, error} = answer;
        end(() => (found ? resolve(found) : reject(new UserError(error!, "mend the SQL, and run it again"))));
      };
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        own.off("message", onAnswer).off("exit", onExit);
        settle();
      };
      signal.addEventListener("abort", onAbort, {once: true});
      own.on("message", onAnswer).on("exit", onExit);
      own.send({id, sql});
    });

  return {
    query(sql: string, signal: AbortSignal): Promise<QueryRows> {
      const next = last.then(() => ask(sql, signal));
      last = next.catch(() => null);
      return next;
    },
    close() {
      child?.kill("SIGKILL");
      child = null;
    }
  };
}

const stopped = () => new UserError("stopped");
