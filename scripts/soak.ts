// Holds a server under mixed load for an hour and looks whether it stays as it was: npx tsx scripts/soak.ts --help.
import {rm} from "node:fs/promises";
import {program} from "commander";
import {verdictOf, type Minute} from "./soak/measure.js";
import {soak} from "./soak/run.js";
import {torturedWorkspace} from "./torture/workspace.js";

program
  .description(
    "Reads pages and answers 20 times a second while one job after the other runs, and says whether memory, handles, disk and the time a read takes stay as they were."
  )
  .option("--minutes <number>", "how long", Number, 60)
  .option("--scale <share>", "of the demo's data", Number, 0.1)
  .parse();

const {minutes, scale} = program.opts<{minutes: number; scale: number}>();
const tortured = await torturedWorkspace({scale, more: "cache: {limit: 100MB}\nretention: {jobs: 5}\n"});
const columns: [string, (minute: Minute) => string][] = [
  ["minute", ({minute}) => String(minute)],
  ["memory MB", ({memoryMB}) => memoryMB.toFixed(0)],
  ["most MB", ({peakMB}) => peakMB.toFixed(0)],
  ["handles", ({handles}) => String(handles)],
  ["disk MB", ({diskMB}) => diskMB.toFixed(1)],
  ["reads", ({reads}) => String(reads)],
  ["p50 ms", ({p50}) => p50.toFixed(1)],
  ["p99 ms", ({p99}) => p99.toFixed(1)]
];
const row = (cells: string[]) => cells.map((cell) => cell.padStart(10)).join("");
console.log(row(columns.map(([title]) => title)));
const {
  idle,
  minutes: seen,
  jobs,
  problems
} = await soak(tortured, {
  rounds: minutes,
  told: (minute) => console.log(row(columns.map(([, text]) => text(minute))))
});
console.log(
  `idle: ${idle.reads} reads, p50 ${idle.p50.toFixed(1)} ms, p99 ${idle.p99.toFixed(1)} ms; then ${jobs} jobs`
);
const wrong = [...problems, ...verdictOf(seen, idle.p99)];
for (const each of wrong) console.error(each);
console.log(wrong.length ? "not flat" : "flat");
await rm(tortured.folder, {recursive: true});
process.exitCode = wrong.length ? 1 : 0;
