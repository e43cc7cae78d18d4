// Holds the promises of docs/reliability.md against the real program: npx tsx scripts/torture.ts --help.
import {spawn} from "node:child_process";
import {once} from "node:events";
import {resolve} from "node:path";
import {program} from "commander";
import {randomBelow} from "../lib/audit/random.js";
import {killCalculations, killServers, killStarts, revive, type CrashFigures} from "./torture/crash.js";
import {crowd} from "./torture/crowd.js";
import {torturedWorkspace} from "./torture/workspace.js";

program
  .description(
    "Kills and crowds the real program on a small demo and looks whether anything was lost; pushes hostile inputs through every door."
  )
  .option("--seed <number>", "a whole number that fixes the moments of killing", Number, Date.now() % 2 ** 32)
  .option("--kills <number>", "how often something is killed", Number, 200)
  .option("--inputs <number>", "how many hostile inputs go through each door", Number, 50_000)
  .parse();

const {seed, kills, inputs} = program.opts<{seed: number; kills: number; inputs: number}>();
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
// A process each, for two processors.
const escaped = (await Promise.all(["sql", "texts"].map(tryDoors))).flat();
const problems = [...escaped, ...all.flatMap((each) => each.problems), ...crowded];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;

async function tryDoors(group: string): Promise<string[]> {
  const args = [
    resolve("scripts/torture/injection.ts"),
    group,
    "--seed",
    String(seed),
    "--inputs",
    String(inputs)
  ];
  const child = spawn(process.execPath, [resolve("node_modules/tsx/dist/cli.mjs"), ...args], {
    stdio: "inherit"
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0 ? [] : [`hostile inputs, ${group}: something escaped, which is told above`];
}

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
