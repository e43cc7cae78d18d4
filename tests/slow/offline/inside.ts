// Runs where there is no network but the loopback: starts the program on a project, uses it, and says how each step ended.
import {spawn} from "node:child_process";
import {once} from "node:events";
import {join, resolve} from "node:path";
import {text} from "node:stream/consumers";
import {setTimeout as pause} from "node:timers/promises";

const [root, project] = process.argv.slice(2).map((path) => resolve(path));
const expanto = (...args: string[]) =>
  spawn(process.execPath, [join(root, "bin/expanto.js"), ...args], {cwd: project});

const server = expanto("start", "--port", "0");
let said = "";
for (const stream of [server.stdout, server.stderr]) stream.on("data", (piece) => (said += String(piece)));
while (!/http:\/\/127\.0\.0\.1:\d+/.test(said) && server.exitCode === null) await pause(50);
const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
if (!url) throw new Error(said);

const steps: Record<string, unknown> = {};
for (const path of ["/", "/results/latest", "/planner", "/reports/", "/api/experiments", "/ready"])
  steps[path] = (await fetch(url + path)).status;
steps.calculated = (await run("calculate", "1")).code;
steps.reports = (await run("report", "--all")).code;
steps.files = (await run("report", "--all", "--single-file", "--out", "files")).code;
steps.schedule = (await run("schedule", "--once")).code;
server.kill("SIGTERM");
steps.stopped = (await once(server, "exit"))[0];
console.log(JSON.stringify(steps));

async function run(...args: string[]): Promise<{code: number}> {
  const command = expanto(...args);
  const [out, error, [code]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, "close")
  ]);
  if (code) process.stderr.write(`${args.join(" ")}: ${out}${error}\n`);
  return {code: code as number};
}
