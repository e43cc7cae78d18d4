// A Chroma server of one's own: a child process on a port of this machine, started when something is looked for.

import {spawn, type ChildProcess} from "node:child_process";
import {once} from "node:events";
import {createServer, type AddressInfo} from "node:net";
import {createRequire} from "node:module";
import {dirname, join} from "node:path";

export type ChromaServer = {url: string; stop: () => Promise<void>};

/** Returns a server that keeps its data in a folder, once it answers; throws where it does not start in time. */
export async function startChroma(folder: string, {limitMs = 15_000} = {}): Promise<ChromaServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = join(dirname(createRequire(import.meta.url).resolve("chromadb")), "..", "cli.mjs");
  const args = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: {PATH: process.env.PATH}
  });
  let said = "";
  child.stderr.on("data", (text) => (said = (said + String(text)).slice(-500)));
  const ended = once(child, "exit");
  const until = Date.now() + limitMs;
  while (!(await answers(url))) {
    // Its exit code says nothing: a port that is taken ends it with 0.
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (isGone || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`Chroma did not start: ${said.trim().split("\n").at(-1) || "it does not answer"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.unref();
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  return {
    url,
    async stop() {
      process.off("exit", kill);
      await end(child, ended);
    }
  };
}

// Some versions do not hear a polite signal.
async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(timer);
}

const answers = (url: string) =>
  fetch(`${url}/api/v2/heartbeat`, {signal: AbortSignal.timeout(1000)}).then(
    ({ok}) => ok,
    () => false
  );

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const {port} = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
