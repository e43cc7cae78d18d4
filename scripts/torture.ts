// Holds the promises of docs/reliability.md against the real program: npx tsx scripts/torture.ts --help.
import {program} from "commander";
import {randomBelow} from "../lib/audit/random.js";
import {killCalculations, killServers, killStarts, revive, type CrashFigures} from "./torture/crash.js";
import {crowd} from "./torture/crowd.js";
import {torturedWorkspace} from "./torture/workspace.js";

program
  .description(
    "Kills, fills and crowds the real program on a small demo, and looks whether anything was lost."
  )
  .option("--seed <number>", "a whole number that fixes the moments of killing", Number, Date.now() % 2 ** 32)
  .option("--kills <number>", "how often something is killed", Number, 200)
  .parse();

const {seed, kills} = program.opts<{seed: number; kills: number}>();
const random = randomBelow(seed);
console.log(`seed ${seed}`);
const tortured = await torturedWorkspace();
const rounds = {
  servers: Math.ceil(kills * 0.6),
  calculations: Math.ceil(kills * 0.3),
  starts: Math.ceil(kills * 0.1)
};
const all: CrashFigures[] = [];
all.push(
  await told("servers killed with jobs and edits", () => killServers(tortured, rounds.servers, random))
);
all.push(await told("calculations killed", () => killCalculations(tortured, rounds.calculations, random)));
all.push(await told("starts killed", () => killStarts(tortured, rounds.starts, random)));
all.push(await told("started again", () => revive(tortured)));
const {problems: crowded, ...figures} = await crowd(tortured, {
  reads: Math.ceil(kills / 4),
  writes: Math.ceil(kills / 20)
});
console.log(
  `50 who read and 10 who write: ${Object.entries(figures).map(figure).join(", ")}, ${crowded.length} problems`
);
const problems = [...all.flatMap((each) => each.problems), ...crowded];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;

function figure([name, value]: [string, number]): string {
  return `${name} ${Number(value.toFixed(1))}`;
}

async function told(what: string, work: () => Promise<CrashFigures>): Promise<CrashFigures> {
  const started = performance.now();
  const figures = await work();
  const {kills, acknowledged, failedJobs, halfMade} = figures;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${what}: ${kills} kills, ${acknowledged} acknowledged writes, ${failedJobs} jobs marked failed, ${halfMade} half-made files found, ${figures.problems.length} problems; ${seconds} s`
  );
  return figures;
}
