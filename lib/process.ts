import {readFileSync} from "node:fs";

/** Returns what names this process among all that ever ran here: its number and when it was started. */
export const thisProcess = (): string => `${process.pid}-${startOf(process.pid)}`;

/** Returns whether the process that thisProcess() named still runs; a number that another has taken meanwhile is not it. */
export function isAlive(mark: string): boolean {
  const [pid, start] = mark.split("-").map(Number);
  return pid > 0 && exists(pid) && startOf(pid) === start;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// Clock ticks since the machine was started; -1 for one that has ended and whose parent has not asked how. Where
// there is no /proc, the number alone names a process.
function startOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return fields[0] === "Z" ? -1 : Number(fields[19]);
  } catch {
    return 0;
  }
}
