// Pushes hostile inputs through every door: npx tsx scripts/torture/injection.ts --help. Two groups, for two processors.

import {program} from "commander";
import {chatDoor} from "./doors/chat.js";
import {csvFiles} from "./doors/csv-files.js";
import {tryDialect} from "./doors/dialects.js";
import {tryDoor, type Door} from "./doors/door.js";
import {openEngine} from "./doors/engine.js";
import {openPageDoors} from "./doors/pages.js";
import {placeDoors} from "./doors/places.js";
import {sqlDoors} from "./doors/sql.js";
import {experimentFiles, metricDoors} from "./doors/yaml.js";

type Asked = {seed: number; count: number};

/** Every door of a group; pages are drawn by a browser while others are judged here. */
const groups = {sql: trySql, texts: tryTexts};

program
  .argument("<group>", Object.keys(groups).join(" or "))
  .option("--seed <number>", "a whole number that fixes the inputs", Number, Date.now() % 2 ** 31)
  .option("--inputs <number>", "how many inputs go through each door", Number, 50_000)
  .parse();

const {seed, inputs} = program.opts<{seed: number; inputs: number}>();
const problems = await groups[program.args[0] as keyof typeof groups]({seed, count: inputs});
for (const problem of problems.slice(0, 50)) console.error(problem);
process.exitCode = problems.length ? 1 : 0;

async function trySql(asked: Asked): Promise<string[]> {
  const engine = await openEngine();
  const escapes = await tryAll([...sqlDoors(engine), ...metricDoors(engine)], asked);
  await engine.close();
  for (const dialect of ["bigquery", "snowflake"] as const) {
    const found = await tryDialect(dialect, {seed: asked.seed, shapes: Math.ceil(asked.count / 50)});
    console.log(
      `${dialect}: ${found.shapes} distinct shapes of ${found.tried} inputs, ${found.refused} refused, ${found.unread} the second parser does not know, ${found.escapes.length} escaped`
    );
    escapes.push(...found.escapes);
  }
  return escapes;
}

async function tryTexts(asked: Asked): Promise<string[]> {
  const [files, csv, pages] = [await experimentFiles(), csvFiles(), await openPageDoors()];
  try {
    const drawn = tryAll(pages.doors, asked);
    const others = tryAll([...placeDoors, files.door, csv.door, await chatDoor()] as Door<unknown>[], asked);
    return (await Promise.all([drawn, others])).flat();
  } finally {
    await Promise.all([files, csv, pages].map((each) => each.close()));
  }
}

async function tryAll<T>(doors: Door<T>[], asked: Asked): Promise<string[]> {
  const escapes: string[] = [];
  for (const door of doors) {
    const started = performance.now();
    const {tried, refused, kept, escapes: found} = await tryDoor(door, asked);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(
      `${door.name}: ${tried} inputs, ${refused} refused, ${kept} kept in their place, ${found.length} escaped; ${seconds} s`
    );
    escapes.push(...found.map((each) => `${door.name}: ${each}`));
  }
  return escapes;
}
