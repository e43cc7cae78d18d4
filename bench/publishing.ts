// Measures what publishing costs those who read pages meanwhile: `npx tsx bench/publishing.ts`, on the demo.

import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {start} from "../server/start.js";

const folder = await mkdtemp(join(tmpdir(), "expanto-publishing-"));
await writeFile(
  join(folder, "expanto.config.yaml"),
  `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}}\n`
);
const stop = new AbortController();
let ended: Promise<void>;
const url = await new Promise<string>((ready, fail) => {
  const say = (text: string) => {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (address) ready(address);
  };
  ended = start({folder, port: 0, say, signal: stop.signal});
  ended.catch(fail);
});

const pages = ["/", "/results/1", "/api/experiments", "/api/results/1"];
await read(200);
const idle = await read(1500);
let isPublishing = true;
const publishing = (async () => {
  for (let i = 0; isPublishing; i++) await publish(1 + (i % 5));
})();
const meanwhile = await read(1500);
isPublishing = false;
await publishing;
for (const [name, times] of [
  ["idle", idle],
  ["while reports are published, one after the other", meanwhile]
] as const)
  console.log(
    `${name.padEnd(52)} median ${quantile(times, 0.5).toFixed(1).padStart(6)} ms  p99 ${quantile(times, 0.99).toFixed(1).padStart(6)} ms`
  );
console.log(`p99 ${(quantile(meanwhile, 0.99) / quantile(idle, 0.99)).toFixed(2)} × the idle one`);
stop.abort();
await ended!;
await rm(folder, {recursive: true});

// Reads pages one after the other, with a pause between; returns the milliseconds of each.
async function read(n: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    const started = performance.now();
    await (await fetch(url + pages[i % pages.length])).arrayBuffer();
    times.push(performance.now() - started);
    await new Promise((done) => setTimeout(done, 15));
  }
  return times;
}

async function publish(observation: number) {
  const answer = await fetch(`${url}/api/observations/${observation}/publish`, {
    method: "POST",
    headers: {Origin: url}
  });
  if (!answer.ok) throw new Error(await answer.text());
}

function quantile(times: readonly number[], q: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(q * times.length)];
}
