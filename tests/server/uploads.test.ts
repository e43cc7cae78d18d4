import {readdirSync} from "node:fs";
import {tmpdir} from "node:os";
import {expect, test} from "vitest";
import {columnsOfFile} from "../../lib/analyze/columns.js";
import {resultsOfFile} from "../../lib/analyze/results.js";
import {createApp} from "../../server/app.js";
import {fixtureParts} from "../browser/fixtures.js";

const statistics = {confidence: 0.95, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000};
const app = createApp({
  ...fixtureParts("nowhere"),
  fileColumns: columnsOfFile,
  fileResults: (file, asked) => resultsOfFile(file, asked, {statistics})
});
const origin = "http://127.0.0.1:3000";

async function sent(path: string, body: string | ReadableStream, headers: Record<string, string> = {}) {
  const answer = await app.request(`${origin}/api/files/${path}`, {
    method: "POST",
    body,
    // What a stream needs; the types of the browser do not know it.
    ...{duplex: "half"},
    headers: {Origin: origin, ...headers}
  });
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of an answer is checked by its claims
  return {status: answer.status, body: (await answer.json()) as any};
}

const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith("expanto-file-"));
const csv = "id,arm,n\na,A,1\nb,B,2\nc,A,3\nd,B,5\n";

test("a file is analysed and leaves nothing behind, whatever comes of it", async () => {
  const before = scratch();
  const {status, body} = await sent("columns?name=own.csv", csv);
  expect([status, body.rows, body.columns.map(({name}: {name: string}) => name)]).toEqual([
    200,
    4,
    ["id", "arm", "n"]
  ]);
  const question = {variant: "arm", control: "A", means: ["n"]};
  const path = (asked: object) =>
    `results?name=own.csv&question=${encodeURIComponent(JSON.stringify(asked))}`;
  const {view} = (await sent(path(question), csv)).body;
  expect(
    view.metrics[0].arms.map(({moments}: {moments: {n: number; means: number[]}}) => [
      moments.n,
      moments.means[0]
    ])
  ).toEqual([
    [2, 2],
    [2, 3.5]
  ]);
  const repeated = await sent(path({...question, unit: "id"}), `${csv}a,A,9\n`);
  expect([repeated.status, repeated.body]).toEqual([
    400,
    expect.objectContaining({
      hint: "each row must be one unit; “Sum the rows of a unit” sums the rows of a unit"
    })
  ]);
  expect(scratch()).toEqual(before);
});

test("what is no such file, empty, or too large is refused by its own name", async () => {
  const error = async (path: string, body: string | ReadableStream, headers = {}) => {
    const answer = await sent(path, body, headers);
    return [answer.status, answer.body.error];
  };
  expect(await error("columns?name=../../own.xlsx", csv)).toEqual([
    400,
    "own.xlsx is not a CSV or Parquet file"
  ]);
  expect(await error("columns?name=own.csv", `${csv}e,A\n`)).toEqual([
    400,
    expect.stringMatching(/^own\.csv:6:\d+ {2}the row is broken/)
  ]);
  expect(await error("columns?name=own.csv", "")).toEqual([400, "own.csv is empty"]);
  expect(await error("columns?name=own.parquet", csv)).toEqual([
    400,
    expect.stringMatching(/^own\.parquet cannot be read/)
  ]);
  expect(await error("columns?name=own.csv", csv, {"content-length": String(3e8)})).toEqual([
    400,
    "the file is larger than 200 MB"
  ]);
  expect(await error("columns?name=own.csv", endless())).toEqual([400, "the file is larger than 200 MB"]);
  expect(await error("results?name=own.csv&question=no", csv)).toEqual([
    400,
    "the question about the file cannot be read"
  ]);
});

test("two files are taken at once; the third waits, unread, until one of them is answered", async () => {
  const open = [held(), held(), held()];
  const answers = open.map(({body}) => sent("columns?name=own.csv", body));
  await expect.poll(() => open.map(({isRead}) => isRead())).toEqual([true, true, false]);
  open[0].end();
  expect((await answers[0]).status).toBe(200);
  await expect.poll(() => open[2].isRead()).toBe(true);
  open[1].end();
  open[2].end();
  expect((await Promise.all(answers)).map(({status}) => status)).toEqual([200, 200, 200]);
});

// A body whose end is still to come.
function held() {
  let isRead = false;
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const body = new ReadableStream(
    {
      async pull(controller) {
        isRead = true;
        await ended;
        controller.enqueue(new TextEncoder().encode(csv));
        controller.close();
      }
    },
    {highWaterMark: 0}
  );
  return {body, isRead: () => isRead, end: () => end()};
}

// As a program sends it that does not say how much will come.
function endless(): ReadableStream {
  const megabyte = new Uint8Array(2 ** 20).fill(97);
  return new ReadableStream({pull: (controller) => controller.enqueue(megabyte)});
}
