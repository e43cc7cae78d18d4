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
import type {DoorTold} from "./record.js";

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
    tell({
      door: dialect,
      ...found,
      kept: found.tried - found.refused - found.unread - found.escapes.length,
      escaped: found.escapes.length,
      note: `${found.shapes} distinct shapes; ${found.unread} inputs the second parser does not know`
    });
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
    const {escapes: found, ...figures} = await tryDoor(door, asked);
    tell({door: door.name, ...figures, escaped: found.length}, (performance.now() - started) / 1000);
    escapes.push(...found.map((each) => `${door.name}: ${each}`));
  }
  return escapes;
}

// To whoever reads along, and to the process that asked for it.
function tell(told: DoorTold, seconds?: number): void {
  const {door, tried, refused, kept, escaped, note} = told;
  console.log(
    `${door}: ${tried} inputs, ${refused} refused, ${kept} kept in their place, ${escaped} escaped${note ? `; ${note}` : ""}${seconds === undefined ? "" : `; ${seconds.toFixed(0)} s`}`
  );
  process.send?.({door, tried, refused, kept, escaped, note} satisfies DoorTold);
}
