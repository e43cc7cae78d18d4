import {copyFile, rename, rm} from "node:fs/promises";
import {join} from "node:path";
import {afterEach, expect, test} from "vitest";
import {smallDisk, type Disk} from "../../scripts/torture/disk.js";
import {inspect} from "../../scripts/torture/crash.js";
import {ask, pause, program, server, type Answer, type Program} from "../../scripts/torture/program.js";
import {lockFolder} from "../../lib/store/lock.js";
import {torturedWorkspace, type Tortured} from "../../scripts/torture/workspace.js";

const running: Program[] = [];
const disks: Disk[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.kill();
  for (const disk of disks.splice(0)) disk.remove();
  for (const folder of folders.splice(0)) await rm(folder, {recursive: true, force: true});
});

async function started(tortured: Tortured) {
  const served = await server(tortured.folder);
  running.push(served);
  return served;
}

async function workspace(folder?: string): Promise<Tortured> {
  const tortured = await torturedWorkspace({data: folder});
  folders.push(tortured.folder);
  return tortured;
}

const anyDisk = smallDisk(1);
anyDisk?.remove();
const withDisk = test.skipIf(!anyDisk);
if (!anyDisk)
  console.log("skipped: this user may not mount a small disk, so a full and a read-only one are not tried");

function fullDisk(megabytes: number): Disk {
  const disk = smallDisk(megabytes)!;
  disks.push(disk);
  return disk;
}

async function edit(url: string, id: number, description: string) {
  const {body} = await ask(url, "GET", `/experiments/${id}`);
  return ask(url, "PUT", `/experiments/${id}`, {
    fields: {...body.fields, description},
    updatedAt: body.updatedAt
  });
}

async function ended(url: string, job: number): Promise<Answer> {
  for (;;) {
    const {body} = await ask(url, "GET", `/jobs/${job}`);
    if (body.status !== "pending" && body.status !== "running") return body;
    await pause(50);
  }
}

const description = async (url: string, id: number) =>
  (await ask(url, "GET", `/experiments/${id}`)).body.fields.description;

withDisk("a full disk is said, loses nothing, and all goes on once there is space", async () => {
  const disk = fullDisk(40);
  const tortured = await workspace(disk.folder);
  const {url} = await started(tortured);
  const [id] = tortured.experiments;
  const [observation] = tortured.results.keys();
  expect((await edit(url, id, "before")).status).toBe(200);
  await rm(join(disk.folder, "cache"), {recursive: true});
  disk.fill();
  const refused = await edit(url, id, "x".repeat(2_000_000 / 4));
  expect([refused.status, refused.body]).toMatchObject([
    503,
    {error: "the database cannot grow: the disk is full", hint: "free some space and try again"}
  ]);
  expect(await description(url, id)).toBe("before");
  const asked = await ask(url, "POST", `/observations/${observation}/calculate`);
  if (asked.status === 202) {
    const job = await ended(url, asked.body.id);
    expect([job.status, job.error]).toEqual(["failed", expect.stringMatching(/full|space/)]);
  } else expect(asked.body.error).toContain("the disk is full");
  const doctor = program(tortured.folder, ["doctor"]);
  running.push(doctor);
  expect(await doctor.exited).toBe(2);
  expect(doctor.said()).toMatch(/FAIL {2}disk .*(only .* free|the disk is full)/);
  disk.free();
  expect((await edit(url, id, "after")).status).toBe(200);
  const again = await ask(url, "POST", `/observations/${observation}/calculate`);
  expect(await ended(url, again.body.id)).toMatchObject({status: "completed"});
  expect((await inspect(tortured)).problems).toEqual([]);
});

withDisk("a folder that cannot be written is said by every command that writes, and by doctor", async () => {
  const disk = fullDisk(40);
  const tortured = await workspace(disk.folder);
  // A server and a schedule were here before.
  for (const duty of ["server", "schedule"] as const) lockFolder(tortured.data, duty).release();
  disk.protect();
  for (const args of [
    ["start", "--port", "0"],
    ["calculate", "1"],
    ["schedule", "--once"],
    ["prune"],
    ["report", "--all"],
    ["backup"],
    ["restore", join(tortured.data, "expanto.db")],
    ["user", "list"],
    ["token", "create", "--name", "nightly", "--role", "viewer"],
    ["trail"]
  ]) {
    const command = program(tortured.folder, args);
    running.push(command);
    expect([args, await command.exited]).toEqual([args, 2]);
    expect(command.said()).toMatch(/^error: .*cannot be (written|opened)\n {2}\S/);
  }
  const doctor = program(tortured.folder, ["doctor"]);
  running.push(doctor);
  expect(await doctor.exited).toBe(2);
  expect(doctor.said()).toMatch(/FAIL {2}disk .*cannot be written\n *→ \S/);
});

test("a cache that is deleted while jobs run costs those jobs at most, and is made again", async () => {
  const tortured = await workspace();
  const {url} = await started(tortured);
  const cache = join(tortured.data, "cache");
  await rm(cache, {recursive: true});
  const jobs = await Promise.all(
    [...tortured.results.keys()].map((id) => ask(url, "POST", `/observations/${id}/calculate`))
  );
  for (let n = 0; n < 5; n++) {
    await pause(100);
    await rm(cache, {recursive: true, force: true}).catch(() => {});
  }
  for (const {body} of jobs) {
    const job = await ended(url, body.id);
    if (job.status !== "completed") expect(job).toMatchObject({status: "failed", error: expect.any(String)});
  }
  for (const id of tortured.results.keys()) {
    const {body} = await ask(url, "POST", `/observations/${id}/calculate`);
    expect(await ended(url, body.id)).toMatchObject({status: "completed"});
  }
  for (const [nth] of [...tortured.results.keys()].entries())
    expect((await inspect(tortured, undefined, nth)).problems).toEqual([]);
});

test("a database that is deleted or replaced under a server is said, and nothing more is answered as if it were kept", async () => {
  const tortured = await workspace();
  const {url} = await started(tortured);
  const [id] = tortured.experiments;
  const file = join(tortured.data, "expanto.db");
  const refused = {
    status: 503,
    body: {error: "the database is no longer in its place", hint: expect.stringContaining("restore FILE")}
  };
  await rename(file, `${file}.away`);
  expect(await edit(url, id, "lost")).toMatchObject(refused);
  expect(await ready(url)).toEqual([503, "the database is no longer in its place"]);
  await copyFile(`${file}.away`, file);
  expect(await edit(url, id, "lost")).toMatchObject(refused);
  await rename(`${file}.away`, file);
  expect(await ready(url)).toEqual([200, undefined]);
  expect((await edit(url, id, "kept")).status).toBe(200);
});

async function ready(url: string) {
  const answer = await fetch(`${url}/ready`);
  return [answer.status, ((await answer.json()) as {reason?: string}).reason];
}
