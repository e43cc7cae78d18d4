// Shows by simulation that the statistics do what they say: npx tsx scripts/simulate.ts --help.
import {randomInt} from "node:crypto";
import {program} from "commander";
import {designs} from "./simulation/designs.js";
import {type Outcome, simulate} from "./simulation/runner.js";
import {readTargets} from "./simulation/targets.js";

program
  .description("Measures false alarms, coverage and power of the statistics on simulated experiments.")
  .option("--seed <number>", "a whole number that fixes every random draw; fresh by default")
  .option("--only <pattern>", "only targets whose name matches a regular expression", "")
  .option("--fraction <share>", "a share of the runs, with wider accepted ranges", "1")
  .parse();

const options = program.opts<{seed?: string; only: string; fraction: string}>();
const seed = options.seed === undefined ? randomInt(2 ** 32) : Number(options.seed);
const fraction = Number(options.fraction);
const targets = readTargets().filter(({id}) => new RegExp(options.only).test(id));
if (!Number.isSafeInteger(seed)) program.error(`--seed wants a whole number, not ${options.seed}`);
if (!(fraction > 0 && fraction <= 1)) program.error("--fraction wants a number above 0 and up to 1");
if (targets.length === 0) program.error(`no target matches ${options.only}`);

console.log(`seed ${seed}\n`);
printRow(["target", "method", "runs", "measured", "accepted", "", "seconds"]);
const outcomes = targets.map((target) => {
  const outcome = simulate(target, designs[target.id], {seed, fraction});
  printRow(cellsOf(outcome, `${target.metric}, ${target.method}`));
  return outcome;
});
printSummary(outcomes);
process.exitCode = outcomes.some(({verdict}) => verdict === "MISS") ? 1 : 0;

function cellsOf({id, runs, measured, accepted, verdict, seconds}: Outcome, method: string): string[] {
  const range = accepted.map((end) => end.toFixed(5)).join(" to ");
  return [id, method, runs ? String(runs) : "exact", measured.toFixed(5), range, verdict, seconds.toFixed(1)];
}

function printRow(cells: string[]): void {
  const [id, method, runs, measured, accepted, verdict, seconds] = cells;
  const name = method.length > 48 ? `${method.slice(0, 47)}…` : method;
  console.log(
    `${id.padEnd(21)} ${name.padEnd(48)} ${runs.padStart(6)}  ${measured.padStart(8)}  ${accepted.padEnd(18)}  ${verdict.padEnd(6)} ${seconds.padStart(7)}`
  );
}

function printSummary(all: Outcome[]): void {
  const count = (wanted: Outcome["verdict"]): number => all.filter(({verdict}) => verdict === wanted).length;
  const seconds = all.reduce((sum, outcome) => sum + outcome.seconds, 0);
  console.log(
    `\n${count("ok")} ok, ${count("caught")} wrong methods caught, ${count("MISS")} missed; ${seconds.toFixed(0)} s`
  );
}
