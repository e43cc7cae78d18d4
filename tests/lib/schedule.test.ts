import {writeFileSync} from "node:fs";
import {createServer, type IncomingHttpHeaders, type Server} from "node:http";
import {once} from "node:events";
import type {AddressInfo} from "node:net";
import {mkdir, mkdtemp, readFile, rename, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {json} from "node:stream/consumers";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {main} from "../../lib/cli/main.js";
import {schedule} from "../../lib/cli/schedule.js";
import {calculate} from "../../lib/calculate.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {nextTime, runNight} from "../../lib/schedule.js";
import {closeStore, jobsOf, markDeleted} from "../../lib/store.js";
import {lockFolder} from "../../lib/store/lock.js";
import type {Message} from "../../lib/webhook.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

let folder: string;
let workspace: Workspace;
let server: Server;
let url: string;
/** What the receiver was told, with headers; and how it answers next, 200 without any. */
let received: {message: Message; headers: IncomingHttpHeaders}[];
let answers: (number | "stall")[];

const secret = "hook-secret-91";
const patience = {retries: 3, waitMs: 5, timeLimitMs: 100};
const night = async (now = "2025-10-10T03:00:00.000Z") => runNight(workspace, {now: () => now, patience});

beforeEach(async () => {
  [received, answers] = [[], []];
  server = createServer((request, response) => {
    void json(request).then((message) => {
      received.push({message: message as Message, headers: request.headers});
      const answer = answers.shift() ?? 200;
      if (answer !== "stall") response.writeHead(answer, {Location: "/elsewhere"}).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), "expanto-schedule-"));
  for (const name of ["metrics", "tables"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "metrics", "orders.yaml"), metrics);
  await writeFile(join(folder, "tables", "assignments.csv"), assignments.join("\n"));
  await writeFile(join(folder, "tables", "events.csv"), events.join("\n"));
  await configure(`server: {url: "https://expanto.example.com/"}\nschedule: {webhook: "${url}/hook"}\n`);
});
afterEach(async () => {
  closeStore(workspace.store);
  server.closeAllConnections();
  server.close();
  delete process.env.EXPANTO_WEBHOOK_SECRET;
  await rm(folder, {recursive: true});
});

async function configure(more: string) {
  if (workspace?.store.open) closeStore(workspace.store);
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {queries: ${resolve("queries")}}\nwarehouse: {path: tables}\n${more}`
  );
  workspace = await openWorkspace(folder);
}

const metrics = `metric_group_name: Orders
metrics:
  - {alias: visits, type: avg, display_name: Visits, goal: increase, formula: {numerator: {alias: visits_cnt, agg: count, event: visit}}}
  - {alias: orders, type: avg, display_name: Orders, goal: increase, formula: {numerator: {alias: orders_cnt, agg: count, event: purchase}}}
`;
const users = (count: number) => Array.from({length: count}, (_, i) => i);
// harm: units split as planned, and orders fall; split: two thirds in one variant.
const assignments = [
  "experiment_name,user_id,group_name,assigned_at",
  ...users(400).map((i) => `harm,h${i},${i % 2 ? "b" : "a"},2025-10-01 10:00:00`),
  ...users(600).map((i) => `split,s${i},${i % 3 ? "b" : "a"},2025-10-01 10:00:00`),
  ...users(40).map((i) => `quiet,q${i},${i % 2 ? "b" : "a"},2025-10-01 10:00:00`)
];
const events = [
  "user_id,event_name,event_value,event_timestamp",
  ...users(400).flatMap((i) =>
    Array.from({length: (i % 5) + (i % 2 ? 0 : 4)}, () => `h${i},purchase,1,2025-10-02 10:00:00`)
  )
];

function apply(name: string, status = "running", more = {}) {
  const file = {
    experiment: {
      name,
      status,
      key_metrics: ["visits"],
      guardrails: ["orders"],
      variants: [{name: "a", control: true}, {name: "b"}]
    },
    observations: [
      {name: "Main", db_experiment_name: name, split_id: "user_id", calculation_scenario: "duckdb", ...more}
    ]
  };
  applyExperimentFile(workspace.store, parseExperiment(file), {now: "2025-10-01T00:00:00.000Z"});
}

describe("what is calculated", () => {
  test("running experiments alone, once, and again when their data, definition or metrics are others", async () => {
    apply("quiet");
    apply("harm", "completed");
    expect(await night()).toMatchObject({calculated: 1, upToDate: 0});
    expect(await night()).toMatchObject({calculated: 0, upToDate: 1});
    await writeFile(
      join(folder, "tables", "events.csv"),
      [...events, "q1,visit,1,2025-10-03 10:00:00"].join("\n")
    );
    expect(await night()).toMatchObject({calculated: 1});
    await writeFile(
      join(folder, "metrics", "orders.yaml"),
      metrics.replace("visits_cnt, agg: count", "visits_cnt, agg: flag")
    );
    expect(await night()).toMatchObject({calculated: 1});
    expect([jobsOf(workspace.store, 1).length, jobsOf(workspace.store, 2).length]).toEqual([3, 0]);
  });

  test("one that cannot be read is told, and keeps no other from being calculated and told", async () => {
    for (const name of ["quiet", "split"]) apply(name);
    await night();
    workspace.store.prepare("update calculation_jobs set extra = '{broken' where observation_id = 1").run();
    received = [];
    await rm(join(workspace.config.folders.data, "alarms.json"));
    expect(await night()).toMatchObject({failed: 1, upToDate: 1, sent: 2});
    expect(received.map(({message: {reason, observation}}) => [reason, observation.id])).toEqual([
      ["job", 1],
      ["split", 2]
    ]);
  });

  test("one that is deleted meanwhile is left out", async () => {
    for (const name of ["quiet", "harm"]) apply(name);
    const say = () => void markDeleted(workspace.store, "observation", 2, {at: "2025-10-10T03:00:00.000Z"});
    expect(await runNight(workspace, {say, patience})).toMatchObject({calculated: 1, failed: 0});
  });

  test("a night that is stopped counts what was done, and tells nobody", async () => {
    apply("split");
    expect(await runNight(workspace, {signal: AbortSignal.abort(), patience})).toMatchObject({
      calculated: 0,
      failed: 0,
      sent: 0
    });
    expect(jobsOf(workspace.store, 1).map(({status}) => status)).toEqual(["cancelled"]);
  });

  test("the next time is the first of the day's in UTC, today or tomorrow", () => {
    const after = (now: string) => nextTime(["15:30", "03:00"], new Date(now)).toISOString().slice(5, 16);
    expect(["2025-12-31T02:59:59Z", "2025-12-31T03:00:00Z", "2025-12-31T15:30:00Z"].map(after)).toEqual([
      "12-31T03:00",
      "12-31T15:30",
      "01-01T03:00"
    ]);
  });
});

describe("alarms", () => {
  test("a split and a guardrail that fail are told once, with where to look, and what is sound is not", async () => {
    for (const name of ["harm", "split", "quiet"]) apply(name);
    process.env.EXPANTO_WEBHOOK_SECRET = secret;
    await configure(`server: {url: "https://expanto.example.com/"}\nschedule: {webhook: "${url}/hook"}\n`);
    expect(await night()).toMatchObject({calculated: 3, sent: 2, unsent: []});
    expect(received.map(({message}) => message)).toEqual([
      {
        reason: "guardrail",
        experiment: {id: 1, name: "harm"},
        observation: {id: 1, name: "Main"},
        job: 1,
        failed: expect.stringMatching(
          /^The guardrail orders is worse in b: −\d+\.\d% \(always-valid 95% interval −.* to −/
        ),
        link: "https://expanto.example.com/results/1"
      },
      {
        reason: "split",
        experiment: {id: 2, name: "split"},
        observation: {id: 2, name: "Main"},
        job: 2,
        failed: expect.stringMatching(/^Sample ratio mismatch/),
        link: "https://expanto.example.com/results/2"
      }
    ]);
    expect(received[0].headers.authorization).toBe(`Bearer ${secret}`);
    expect(await night("2025-10-11T03:00:00.000Z")).toMatchObject({sent: 0, alarms: [{}, {}]});
    expect(received).toHaveLength(2);
  });

  test("the same trouble of another job is not told again; one that was over and came back is", async () => {
    apply("split");
    await night();
    await calculate(workspace, 1);
    expect(await night()).toMatchObject({sent: 0});
    await writeFile(
      join(folder, "tables", "assignments.csv"),
      assignments.filter((line) => !/^split,s\d*[02468],b/.test(line)).join("\n")
    );
    const fair = await night();
    expect(fair).toMatchObject({calculated: 1, alarms: []});
    await writeFile(join(folder, "tables", "assignments.csv"), assignments.join("\n"));
    expect(await night()).toMatchObject({calculated: 1, sent: 1});
  });

  test("a trouble is not over because a night could not calculate it", async () => {
    apply("split");
    await night();
    await rename(join(folder, "tables"), join(folder, "away"));
    expect(await night()).toMatchObject({failed: 1, sent: 1});
    await rename(join(folder, "away"), join(folder, "tables"));
    expect(await night()).toMatchObject({failed: 0, alarms: [{reason: "split"}], sent: 0});
  });

  test.each(['["1 spl', '{"1": "split"}'])(
    "what was sent is told again where %s is all that is left of it",
    async (text) => {
      apply("split");
      await writeFile(join(workspace.config.folders.data, "alarms.json"), text);
      expect([await night(), await night()]).toMatchObject([{sent: 1}, {sent: 0}]);
    }
  );

  test("a job that fails, and one that cannot be begun, are told with the reason; no secret goes along", async () => {
    apply("harm", "running", {filters: ["nowhere = 1"]});
    apply("quiet", "running", {filters: [`country = '${secret}'`]});
    process.env.EXPANTO_WEBHOOK_SECRET = secret;
    await configure(`schedule: {webhook: "${url}/hook"}\n`);
    expect(await night()).toMatchObject({calculated: 0, failed: 2, sent: 2});
    const [first, second] = received.map(({message}) => message);
    expect(first).toMatchObject({reason: "job", failed: expect.stringMatching(/nowhere/)});
    expect(second.reason).toBe("job");
    expect(JSON.stringify([first, second])).not.toContain(secret);
    expect(first.link).toBe("http://127.0.0.1:3000/results/1");
  });
});

describe("a receiver that", () => {
  beforeEach(() => apply("split"));

  test("fails and then takes it hears the alarm until it does", async () => {
    answers = [500, 503, 429];
    expect(await night()).toMatchObject({sent: 1, unsent: []});
    expect(received).toHaveLength(4);
  });

  test("stalls is given up after a while and tried again", async () => {
    answers = ["stall"];
    expect(await night()).toMatchObject({sent: 1});
    expect(received).toHaveLength(2);
  });

  test("refuses is not asked again; the alarm stays to be sent the next time", async () => {
    answers = [403];
    expect(await night()).toMatchObject({
      sent: 0,
      unsent: [`${new URL(url).host} does not take the alarm: it answers with 403`]
    });
    expect(received).toHaveLength(1);
    expect(await night()).toMatchObject({sent: 1});
  });

  test("sends elsewhere is not followed", async () => {
    answers = Array<number>(8).fill(307);
    expect(await night()).toMatchObject({
      sent: 0,
      unsent: [expect.stringMatching(/does not take the alarm/)]
    });
  });

  test("is not there is told, and everything else is done", async () => {
    await configure('schedule: {webhook: "http://127.0.0.1:9/hook-4711"}\n');
    const {calculated, unsent} = await night();
    expect([calculated, unsent.length]).toEqual([1, 1]);
    expect(unsent[0]).toMatch(/^127\.0\.0\.1:9 does not take the alarm/);
    expect(unsent[0]).not.toContain("4711");
  });
});

describe("the command", () => {
  async function run(...args: string[]) {
    const said: string[] = [];
    const write = (text: string) => void said.push(text);
    const io = {out: write, err: write, input: async () => "", now: () => "2025-10-10T03:00:00.000Z", folder};
    const code = await main(args, {start: async () => {}, publish: async () => [], io});
    return {code, said: said.join("\n")};
  }

  test("does it once, says what came of it, and works beside a server", async () => {
    apply("split");
    const lock = lockFolder(workspace.config.folders.data);
    const {code, said} = await run("schedule", "--once");
    lock.release();
    expect(code).toBe(0);
    expect(said).toMatch(
      /^split\/Main: calculated\n {2}Sample ratio mismatch .*\n1 calculated, 0 failed, 0 up to date, 1 alarm, 1 sent now; 0 jobs/
    );
    expect(JSON.parse(await readFile(join(workspace.config.folders.data, "alarms.json"), "utf8"))).toEqual([
      "1 split"
    ]);
  });

  test("refuses where another keeps the schedule", async () => {
    const lock = lockFolder(workspace.config.folders.data, "schedule");
    const {code, said} = await run("schedule", "--once");
    lock.release();
    expect([code, said]).toEqual([
      2,
      expect.stringContaining(`process ${process.pid} already keeps the schedule`)
    ]);
  });

  test("that stays goes on at the next of its times after a night whose configuration cannot be read", async () => {
    apply("split");
    const file = join(folder, "expanto.config.yaml");
    const sound = await readFile(file, "utf8");
    const stop = new AbortController();
    const said: string[] = [];
    let clock = Date.parse("2025-10-10T02:59:59.990Z");
    const nights = [
      () => writeFileSync(file, "broken: ["),
      () => writeFileSync(file, sound),
      () => stop.abort()
    ];
    const out = (line: string) => {
      said.push(line);
      const [, day] = /^next: (\S+) /.exec(line) ?? [];
      if (!day) return;
      clock = Date.parse(`${day}T02:59:59.990Z`);
      nights.shift()!();
    };
    const err = (line: string) => void said.push(line.split("\n")[0]);
    const now = () => new Date(clock++).toISOString();
    await schedule({signal: stop.signal}, {out, err, input: async () => "", now, folder});
    expect(said).toEqual([
      "next: 2025-10-10 03:00 UTC",
      "error: 1 error in the configuration:",
      "error: 1 error in the configuration:",
      "next: 2025-10-11 03:00 UTC",
      "split/Main: calculated",
      expect.stringMatching(/Sample ratio mismatch/),
      expect.stringMatching(/^1 calculated, /),
      "next: 2025-10-12 03:00 UTC"
    ]);
  });

  test("ends with 2 where a calculation failed, which is not counted as calculated", async () => {
    apply("harm", "running", {filters: ["nowhere = 1"]});
    const {code, said} = await run("schedule", "--once");
    expect([code, said]).toEqual([
      2,
      expect.stringMatching(/\n0 calculated, 1 failed, .*1 calculation failed/s)
    ]);
  });

  test("ends with 2 where an alarm could not be sent", async () => {
    apply("split");
    answers = [400];
    expect(await run("schedule", "--once")).toMatchObject({
      code: 2,
      said: expect.stringMatching(/1 alarm was not sent/)
    });
  });
});

test.each(["http://example.com/hook", "ftp://127.0.0.1/", "https://me:abc@example.com/hook", "hook"])(
  "an alarm is never sent to %s",
  async (webhook) => {
    const said = await configure(`schedule: {webhook: "${webhook}"}\n`).catch(
      (error: Error) => error.message
    );
    expect(said).toMatch(/schedule.webhook: must be an https address without a password/);
    await configure("");
  }
);
