// Holds the promises of docs/reliability.md against the real program: npx tsx scripts/torture.ts --help.
import {spawn} from "node:child_process";
import {once} from "node:events";
import {resolve} from "node:path";
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
import {killReports} from "./torture/reports.js";
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
console.log(`seed ${seed}`);
const share = (of: number) => Math.ceil(kills * of);
// Two workspaces, killed in at the same time: one by its servers, one by everything else.
const [tortured, other] = [await torturedWorkspace(), await torturedWorkspace()];
const all = (
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
console.log(`${all.reduce((sum, each) => sum + each.kills, 0)} kills in all`);
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

type Part = [what: string, work: (random: Random) => Promise<CrashFigures>];

async function oneAfterTheOther(random: Random, parts: Part[]): Promise<CrashFigures[]> {
  const figures: CrashFigures[] = [];
  for (const [what, work] of parts) figures.push(await told(what, () => work(random)));
  return figures;
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
