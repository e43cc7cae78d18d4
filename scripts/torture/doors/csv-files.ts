// The door of files with one row a unit: every text is the name of a column and the name of a variant.

import {mkdtempSync} from "node:fs";
import {readdir, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import fc from "fast-check";
import {analyzeFile, type Analysis} from "../../../lib/analyze.js";
import {UserError} from "../../../lib/errors.js";
import {own} from "../../../lib/stats/own.js";
import type {Door, Outcome} from "./door.js";
import {canary} from "./engine.js";
import {wellFormed} from "./places.js";
import {hostileText} from "./texts.js";

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Returns a CSV in which every name is a column and a variant: what variant v has in column c is known. */
export function csvOfNames(names: string[]): string {
  const header = ["variant", ...names].map(quoted).join(",");
  const rows = ["control", ...names].flatMap((name, v) =>
    [0, 2].map((step) => [quoted(name), ...names.map((_, c) => valueOf(v, c) + step)].join(","))
  );
  return `${[header, ...rows].join("\n")}\n`;
}

const valueOf = (variant: number, column: number) => 7 * variant + column;

const absent = ["", "na", "n/a", "null", "nan", "variant", "control"];

/** Returns a door through which files go, many names in each, in a folder of its own. */
export function csvFiles(): {door: Door<string>; close: () => Promise<void>} {
  const folder = mkdtempSync(join(tmpdir(), "expanto-hostile-"));
  return {
    door: {name: "CSV files", inputs: named, judge: (texts) => judgeFile(texts, folder), batch: 100},
    close: () => rm(folder, {recursive: true})
  };
}

// A NUL or a line break in a name may refuse a file as a whole, which a test of its own shows.
const named: fc.Arbitrary<string> = hostileText.map((text) =>
  wellFormed(text.replace(/[\0\r\n]/g, " ")).trim()
);

async function judgeFile(texts: string[], folder: string): Promise<Outcome[]> {
  const names = [...new Map(texts.map((text) => [text.toLowerCase(), text])).values()].filter(
    (text) => !absent.includes(text.toLowerCase())
  );
  const file = join(folder, "hostile.csv");
  await writeFile(join(folder, "canary.csv"), `a\n${canary}\n`);
  await writeFile(file, csvOfNames(names));
  const outcome = await analyzed(file, names);
  const beside = (await readdir(folder)).sort().join(" ");
  if (beside !== "canary.csv hostile.csv") throw new Error(`files were made: ${beside}`);
  return texts.map((text) => outcome.get(text) ?? "kept");
}

// A file is refused as a whole; then its names are judged one by one, so that one does not hide the others.
async function analyzed(file: string, names: string[]): Promise<Map<string, Outcome>> {
  try {
    const asked = {
      file,
      variant: "variant",
      control: "control",
      means: names.slice(0, 5),
      proportions: [],
      ratios: [],
      lowerIsBetter: [],
      confidence: 0.95
    };
    const analysis = await analyzeFile(asked);
    return new Map(names.map((name) => [name, outcomeOf(analysis, {name, names, means: asked.means})]));
  } catch (error) {
    const all = (outcome: Outcome) => new Map(names.map((name) => [name, outcome]));
    if (!(error instanceof UserError)) return all({escaped: `it breaks: ${String(error)}`});
    if (error.message.includes(canary)) return all({escaped: "it reads another file"});
    if (names.length === 1) return all("refused");
    const halves = [names.slice(0, names.length >> 1), names.slice(names.length >> 1)];
    const found: Map<string, Outcome>[] = [];
    for (const half of halves) {
      await writeFile(file, csvOfNames(half));
      found.push(await analyzed(file, half));
    }
    return new Map(found.flatMap((each) => [...each]));
  }
}

/** Returns whether a name has its own numbers, as a variant and as a column. */
export function outcomeOf(
  {effects, units}: Analysis,
  {name, names, means}: {name: string; names: string[]; means: string[]}
): Outcome {
  const v = names.indexOf(name) + 1;
  if (own(units, name) !== 2 && units[name.trim()] !== 2)
    return {escaped: `it is no variant of 2 units: ${JSON.stringify(own(units, name) ?? null)}`};
  for (const [c, metric] of means.entries()) {
    const found = effects.find((each) => each.metric === metric && each.variant === name);
    if (found && found.effect.treatment !== valueOf(v, c) + 1)
      return {escaped: `${metric} is ${found.effect.treatment} in it`};
  }
  return "kept";
}
