import {spawn} from "node:child_process";
import {once} from "node:events";
import {expect, test} from "vitest";
import {isAlive, thisProcess} from "../../lib/process.js";

test("a process is alive while it runs, and its number alone does not name it", () => {
  const [pid, start] = thisProcess().split("-");
  expect([isAlive(`${pid}-${start}`), isAlive(`${pid}-${Number(start) + 1}`)]).toEqual([true, false]);
  expect(["", "x", "0-0", "-1-5"].map(isAlive)).toEqual([false, false, false, false]);
});

test("a process that was killed is not alive", async () => {
  const code = `import("${new URL("../../lib/process.ts", import.meta.url)}").then(({thisProcess}) => { console.log(thisProcess()); setInterval(() => {}, 1000) })`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", code]);
  const [mark] = (await once(child.stdout, "data")).map((text) => String(text).trim());
  expect(isAlive(mark)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive(mark)).toBe(false);
});
