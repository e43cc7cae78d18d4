import {readdir, readFile, stat} from "node:fs/promises";
import {join} from "node:path";
import {pause} from "../torture/program.js";

/** One minute of a soak: what a process held at its least, which is what stays of it, and at its most; what its folder holds; how fast it answers. */
export type Minute = Held & {
  minute: number;
  diskMB: number;
  reads: number;
  p50: number;
  p99: number;
};

type Held = {memoryMB: number; peakMB: number; handles: number};

/** Returns what some work comes to, and what a process held meanwhile, looked at every half second. */
export async function watched<T>(pid: number, work: Promise<T>): Promise<{result: T; held: Held}> {
  let isOver = false;
  const [result, seen] = await Promise.all([work.finally(() => (isOver = true)), lookAt(pid, () => isOver)]);
  const memory = seen.map(({memoryMB}) => memoryMB);
  const handles = Math.min(...seen.map((each) => each.handles));
  return {result, held: {memoryMB: Math.min(...memory), peakMB: Math.max(...memory), handles}};
}

async function lookAt(pid: number, isOver: () => boolean): Promise<Omit<Held, "peakMB">[]> {
  const seen = [await holding(pid)];
  while (!isOver()) {
    await pause(500);
    seen.push(await holding(pid));
  }
  return seen;
}

async function holding(pid: number): Promise<Omit<Held, "peakMB">> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]);
  return {memoryMB: kilobytes / 1024, handles: (await readdir(`/proc/${pid}/fd`)).length};
}

/** Returns how many megabytes of files lie below a folder. */
export async function megabytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, {recursive: true});
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (each) => (each.isFile() ? each.size : 0),
        () => 0
      )
    )
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

/** What a soak may come to. */
export type Limits = {
  /** Megabytes an hour that the least memory of a minute may grow by, after the warm-up. */
  memoryMB: number;
  /** By how many the least handles of the minutes may differ. */
  handles: number;
  diskMB: number;
  /** Of the p99 of a page read, against the idle one. */
  slower: number;
};

export const limits: Limits = {memoryMB: 30, handles: 4, diskMB: 200, slower: 3};

/** Returns what is not flat, in words; empty where all is. The first third warms up: caches fill, code is compiled. */
export function verdictOf(minutes: Minute[], idleP99: number, allowed: Limits = limits): string[] {
  const warm = minutes.slice(Math.ceil(minutes.length / 3));
  const grows = (of: (minute: Minute) => number) => slope(warm.map((each) => [each.minute, of(each)]));
  const memory = 60 * grows(({memoryMB}) => memoryMB);
  const disk = 60 * grows(({diskMB}) => diskMB);
  const handles = warm.map((each) => each.handles);
  const spread = Math.max(...handles) - Math.min(...handles);
  const p99 = median(warm.map((each) => each.p99));
  const round = (x: number) => x.toFixed(1);
  return [
    ...(memory > allowed.memoryMB
      ? [`memory grows by ${round(memory)} MB an hour, ${allowed.memoryMB} are allowed`]
      : []),
    ...(spread > allowed.handles ? [`handles differ by ${spread}, ${allowed.handles} are allowed`] : []),
    ...(disk > allowed.diskMB
      ? [`the data folder grows by ${round(disk)} MB an hour, ${allowed.diskMB} are allowed`]
      : []),
    ...(p99 > allowed.slower * idleP99
      ? [
          `the slowest of a hundred reads takes ${round(p99)} ms, ${round(p99 / idleP99)} times the idle ${round(idleP99)} ms`
        ]
      : [])
  ];
}

// Theil and Sen: the median of the slopes between all pairs, which one collection of garbage does not move.
function slope(points: [number, number][]): number {
  const slopes = points.flatMap(([x, y], i) => points.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  return slopes.length ? median(slopes) : 0;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length ? (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2 : 0;
}
