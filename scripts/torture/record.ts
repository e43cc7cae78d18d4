import {readFile, writeFile} from "node:fs/promises";
import type {CrashFigures} from "./crash.js";
import type {CrowdFigures} from "./crowd.js";

/** What became of the inputs of one door, as the process that tried it tells. */
export type DoorTold = {
  door: string;
  tried: number;
  refused: number;
  kept: number;
  escaped: number;
  /** What more is to be known of it, in words. */
  note?: string;
};

/** One part of the killing, and how long it took. */
export type KillsTold = {what: string; figures: CrashFigures; seconds: number};

export type Run = {seed: number; seconds: number; kills: KillsTold[]; crowd: CrowdFigures; doors: DoorTold[]};

const heading = "## The last run";

/** Writes a run's figures into a Markdown file, in place of those of the run before, or at its end; the rest stays as it is. */
export async function record(file: string, run: Run): Promise<void> {
  const text = await readFile(file, "utf8");
  const found = text.indexOf(`${heading}\n`);
  const start = found < 0 ? text.length : found;
  const next = text.indexOf("\n## ", start);
  const after = next < 0 ? "" : text.slice(next);
  await writeFile(file, `${text.slice(0, start)}${sectionOf(run)}${after}`);
}

function sectionOf({seed, seconds, kills, crowd, doors}: Run): string {
  const problems = problemsOf({kills, crowd, doors});
  return `${heading}

\`npm run torture -- --seed ${seed} --record docs/reliability.md\` of ${new Date().toISOString().slice(0, 10)}, Node ${process.version}: \
${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s, ${problems ? `${whole(problems)} problems` : "no problem"}.

${table(
  [
    "what was killed",
    "kills",
    "answered writes",
    "jobs marked failed",
    "half-made files found",
    "problems",
    "s"
  ],
  [
    ...kills.map(({what, figures, seconds}) => [what, ...countsOf(figures), Math.round(seconds)]),
    ["in all", ...countsOf(sumOf(kills.map(({figures}) => figures))), ""]
  ]
)}
50 who read and 10 who write: ${whole(crowd.reads)} reads and ${whole(crowd.writes)} writes, ${whole(crowd.conflicts)} conflicts told and none
overwritten, ${whole(crowd.jobs)} jobs of which ${whole(crowd.joined)} more requests were part, never more than ${crowd.mostAtOnce} at once; a read
${whole(crowd.medianMs)} ms in the median and ${whole(crowd.p99Ms)} at p99; ${crowd.problems.length || "no"} problem${crowd.problems.length > 1 ? "s" : ""}.

${table(
  ["door", "hostile inputs", "refused", "kept in their place", "escaped"],
  doors.map(({door, tried, refused, kept, escaped, note}) => [
    note ? `${door} (${note})` : door,
    tried,
    refused,
    kept,
    escaped
  ])
)}`;
}

function problemsOf({kills, crowd, doors}: Pick<Run, "kills" | "crowd" | "doors">): number {
  const lost = kills.reduce((sum, {figures}) => sum + figures.problems.length, crowd.problems.length);
  return doors.reduce((sum, {escaped}) => sum + escaped, lost);
}

const countsOf = ({kills, acknowledged, failedJobs, halfMade, problems}: CrashFigures) => [
  kills,
  acknowledged,
  failedJobs,
  halfMade,
  problems.length
];

function sumOf(all: CrashFigures[]): CrashFigures {
  return all.reduce((sum, each) => ({
    kills: sum.kills + each.kills,
    acknowledged: sum.acknowledged + each.acknowledged,
    failedJobs: sum.failedJobs + each.failedJobs,
    halfMade: sum.halfMade + each.halfMade,
    problems: [...sum.problems, ...each.problems]
  }));
}

function table(titles: string[], rows: (string | number)[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  const text = (cell: string | number) => (typeof cell === "number" ? whole(cell) : cell);
  return [
    line(titles),
    `|---|${titles
      .slice(1)
      .map(() => "--:|")
      .join("")}\n`,
    ...rows.map((row) => line(row.map(text)))
  ].join("");
}

const whole = (count: number) => Math.round(count).toLocaleString("en-US");
