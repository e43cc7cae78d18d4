import {spawn, type ChildProcess} from "node:child_process";
import {once} from "node:events";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import Database from "better-sqlite3";
import {afterEach, beforeEach, expect, test} from "vitest";
import {main} from "../../../lib/cli/main.js";
import {openStore} from "../../../lib/store.js";
import {holderOf, lockFolder} from "../../../lib/store/lock.js";
import {start} from "../../../server/start.js";
import {frozen} from "../../fixtures/store/frozen.js";

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "expanto-lock-"));
  writeFileSync(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\n`
  );
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, {recursive: true});
});

const data = () => join(folder, "data");

async function otherProcess(): Promise<ChildProcess> {
  const code = `import("${new URL("../../../lib/store/lock.ts", import.meta.url)}").then(({lockFolder}) => {
    lockFolder("${data()}").publish("http://127.0.0.1:1234"); console.log("locked"); setInterval(() => {}, 1000) })`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"]
  });
  children.push(child);
  await once(child.stdout!, "data");
  return child;
}

test("a second server refuses, and says which process serves the folder and where", async () => {
  const {pid} = await otherProcess();
  expect(holderOf(data())).toEqual({pid, url: "http://127.0.0.1:1234"});
  await expect(start({folder, port: 0})).rejects.toMatchObject({
    name: "UserError",
    message: `process ${pid} already serves ${data()} at http://127.0.0.1:1234`,
    hint: "open its address, or stop it first; calculate, apply and export work beside it"
  });
});

test("the lock of a process that was killed is free at once", async () => {
  const child = await otherProcess();
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(holderOf(data())).toBeNull();
  lockFolder(data()).release();
});

test("who only looks at a folder is not taken for who serves it", () => {
  lockFolder(data()).release();
  const other = new Database(join(data(), "server.lock"));
  other.exec("begin; select 1 from sqlite_schema");
  expect(holderOf(data())).toBeNull();
  other.close();
});

test("a lock that was given back can be taken again", () => {
  const lock = lockFolder(data());
  expect(() => lockFolder(data())).toThrow(`process ${process.pid} already serves ${data()}`);
  lock.release();
  expect(holderOf(data())).toBeNull();
});

test("a database of an older schema is not changed under the server that uses it", async () => {
  mkdirSync(data());
  writeFileSync(join(data(), "expanto.db"), frozen(1));
  const {pid} = await otherProcess();
  await expect(openStore(join(data(), "expanto.db"))).rejects.toMatchObject({
    name: "UserError",
    message: `${join(data(), "expanto.db")} has an older schema, and process ${pid} serves it`
  });
});

test("commands that read, apply, list and back up work beside a server", async () => {
  await otherProcess();
  const said: string[] = [];
  const io = {
    out: (text: string) => void said.push(text),
    err: (text: string) => void said.push(text),
    input: async () => "",
    now: () => "2025-10-06T08:00:00.000Z",
    folder
  };
  const file = join(folder, "e.yaml");
  writeFileSync(file, "experiment: {name: beside}\nobservations: [{name: Main, split_id: user_id}]\n");
  const run = (...args: string[]) => main(args, {start: async () => {}, publish: async () => [], io});
  const commands = [["apply", file], ["calculate"], ["export", "beside"], ["backup"]];
  for (const command of commands) expect([command, await run(...command)]).toEqual([command, 0]);
  expect(said.join("\n")).toContain("beside/Main");
});
