// Holds the promises of docs/reliability.md against the real program: npx tsx scripts/torture.ts --help.
import {fork} from "node:child_process";
import {once} from "node:events";
import {rm} from "node:fs/promises";
import {program} from "commander";
import {randomBelow} from "../lib/audit/random.js";
import {
  killCalculations,
  killServers,
  killStarts,
  revive,
  type CrashFigures,
  type Random
} from "./torture/crash.js";
import {crowd} from "./torture/crowd.js";
import {record, type DoorTold, type KillsTold} from "./torture/record.js";
import {killReports} from "./torture/reports.js";
import {torturedWorkspace} from "./torture/workspace.js";

program
  .description(
    "Kills and crowds the real program on a small demo and looks whether anything was lost; pushes hostile inputs through every door."
  )
  .option("--seed <number>", "a whole number that fixes the moments of killing", Number, Date.now() % 2 ** 32)
  .option("--kills <number>", "how often something is killed", Number, 200)
  .option("--inputs <number>", "how many hostile inputs go through each door", Number, 50_000)
  .option("--record <file>", "a Markdown file whose section of the last run is written anew")
  .parse();

type Asked = {seed: number; kills: number; inputs: number; record?: string};
const {seed, kills, inputs, record: file} = program.opts<Asked>();
const started = performance.now();
console.log(`seed ${seed}`);
const share = (of: number) => Math.ceil(kills * of);
// Two workspaces, killed in at the same time: one by its servers, one by everything else.
const [tortured, other] = [await torturedWorkspace(), await torturedWorkspace()];
const killed = (
  await Promise.all([
    oneAfterTheOther(randomBelow(seed), [
      ["servers killed with jobs and edits", (random) => killServers(tortured, share(0.4), random)],
      ["started again", () => revive(tortured)]
    ]),
    oneAfterTheOther(randomBelow(seed + 1), [
      ["reports killed while they are published", (random) => killReports(other, share(0.3), random)],
      ["calculations killed", (random) => killCalculations(other, share(0.2), random)],
      ["starts killed", (random) => killStarts(other, share(0.1), random)],
      ["started again", () => revive(other)]
    ])
  ])
).flat();
const crowded = await crowd(tortured, {reads: Math.ceil(kills / 4), writes: Math.ceil(kills / 20)});
const {problems: lost, ...counts} = crowded;
console.log(
  `50 who read and 10 who write: ${Object.entries(counts).map(figure).join(", ")}, ${lost.length} problems`
);
// A process each, for two processors.
const tried = await Promise.all(["sql", "texts"].map(tryDoors));
const problems = [
  ...tried.flatMap((each) => each.problems),
  ...killed.flatMap((each) => each.figures.problems),
  ...lost
];
for (const problem of problems) console.error(problem);
const seconds = (performance.now() - started) / 1000;
console.log(
  `${killed.reduce((sum, {figures}) => sum + figures.kills, 0)} kills in all; ${seconds.toFixed(0)} s`
);
const doors = tried.flatMap((each) => each.doors);
if (file) await record(file, {seed, seconds, kills: killed, crowd: crowded, doors});
if (problems.length) console.error(`what is left of it: ${tortured.folder}, ${other.folder}`);
else await Promise.all([tortured, other].map(({folder}) => rm(folder, {recursive: true})));
process.exitCode = problems.length ? 1 : 0;

async function tryDoors(group: string): Promise<{doors: DoorTold[]; problems: string[]}> {
  const child = fork(
    "scripts/torture/injection.ts",
    [group, "--seed", String(seed), "--inputs", String(inputs)],
    {execArgv: ["--import", "tsx"]}
  );
  const doors: DoorTold[] = [];
  child.on("message", (told) => doors.push(told as DoorTold));
  const [code] = (await once(child, "close")) as [number | null];
  const problems = code === 0 ? [] : [`hostile inputs, ${group}: something escaped, which is told above`];
  return {doors, problems};
}

function figure([name, value]: [string, number]): string {
  return `${name} ${Number(value.toFixed(1))}`;
}

type Part = [what: string, work: (random: Random) => Promise<CrashFigures>];

async function oneAfterTheOther(random: Random, parts: Part[]): Promise<KillsTold[]> {
  const all: KillsTold[] = [];
  for (const [what, work] of parts) all.push(await told(what, () => work(random)));
  return all;
}

async function told(what: string, work: () => Promise<CrashFigures>): Promise<KillsTold> {
  const started = performance.now();
  const figures = await work();
  const {kills, acknowledged, failedJobs, halfMade} = figures;
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${what}: ${kills} kills, ${acknowledged} acknowledged writes, ${failedJobs} jobs marked failed, ${halfMade} half-made files found, ${figures.problems.length} problems; ${seconds.toFixed(0)} s`
  );
  return {what, figures, seconds};
}
