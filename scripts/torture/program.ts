import {spawn} from "node:child_process";
import {once} from "node:events";
import {resolve} from "node:path";

/** The real program as a process of its own; `said` is all it has written; killing says whether it still ran. */
export type Program = {
  pid: number;
  kill: (signal?: NodeJS.Signals) => Promise<boolean>;
  exited: Promise<number | null>;
  said: () => string;
};

/** Starts `expanto` with arguments in a folder. */
export function program(folder: string, args: string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, [resolve("bin/expanto.js"), ...args], {
    cwd: folder,
    env: {...process.env, ...env}
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (text += String(piece)));
  const exited = once(child, "close").then(([code]) => code as number | null);
  return {
    pid: child.pid!,
    exited,
    said: () => text,
    async kill(signal = "SIGKILL") {
      const wasRunning = child.kill(signal);
      await exited;
      return wasRunning;
    }
  };
}

/** Starts a server and resolves with its address once it serves; throws with its words where it ends instead. */
export async function server(
  folder: string,
  {env, args = []}: {env?: NodeJS.ProcessEnv; args?: string[]} = {}
): Promise<Program & {url: string}> {
  const started = program(folder, ["start", "--port", "0", ...args], env);
  for (;;) {
    const url = /http:\/\/127\.0\.0\.\d:\d+/.exec(started.said())?.[0];
    if (url) return {...started, url};
    const isOver = await Promise.race([started.exited.then(() => true), pause(20).then(() => false)]);
    if (isOver) throw new Error(`the server ended: ${started.said()}`);
  }
}

/** Sends a request as a page of the server would; resolves with status and JSON. */
export async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown
): Promise<{status: number; body: Answer}> {
  const headers = {Origin: url, "Content-Type": "application/json"};
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body)
  });
  const text = await answer.text();
  return {status: answer.status, body: (text ? JSON.parse(text) : null) as Answer};
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is read of an answer is checked by what is claimed of it
export type Answer = any;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
