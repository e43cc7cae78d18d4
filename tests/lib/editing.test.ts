import {mkdtemp} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {mkdir, writeFile} from "node:fs/promises";
import {afterEach, beforeEach, expect, test} from "vitest";
import {planCalculation} from "../../lib/job-plan.js";
import {
  editedExperiment,
  previewObservation,
  saveEditedExperiment,
  saveEditedObservation
} from "../../lib/editing.js";
import {ConflictError} from "../../lib/errors.js";
import {closeStore} from "../../lib/store.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

const [monday, tuesday] = ["2025-10-06T08:00:00.000Z", "2025-10-07T08:00:00.000Z"];
const fields = {
  name: "Main",
  split_id: "user_id",
  exposure_start_datetime: "2025-10-01",
  exposure_end_datetime: "2025-10-08",
  dimensions: ["country"]
};

let workspace: Workspace;
let experiment: number;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-editing-"));
  await mkdir(join(folder, "tables"));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: data}\nwarehouse: {type: duckdb, path: tables}\n`
  );
  await writeFile(
    join(folder, "tables", "assignments.csv"),
    "experiment_name,user_id,group_name,assigned_at,country\nbanner,u1,A,2025-10-02 08:00:00,DE\n"
  );
  await writeFile(
    join(folder, "tables", "events.csv"),
    "user_id,event_name,event_value,event_timestamp,order_id,session_id\nu1,purchase,3,2025-10-02 09:00:00,o1,s1\n"
  );
  workspace = await openWorkspace(folder);
  const edit = {
    fields: {
      name: "banner",
      key_metrics: ["purchase_conversion"],
      variants: [{name: "A", control: true}, {name: "B"}]
    }
  };
  experiment = (await saveEditedExperiment(workspace, edit, {now: monday})).id;
});
afterEach(() => closeStore(workspace.store));

test("what is shown as SQL is what runs once it is saved", async () => {
  const {sql, metrics} = await previewObservation(workspace, experiment, fields);
  const {id} = await saveEditedObservation(workspace, experiment, {fields});
  const plan = await planCalculation(workspace, id);
  expect([sql, metrics]).toEqual([plan.sql, plan.metrics.map(({title}) => title)]);
  expect(sql).toContain("-- the same by day, of key metrics");
});

test("what the engine would refuse is told beside the SQL, with what to do", async () => {
  const asked = {...fields, filters: ["country = DE"]};
  const {sql, estimate, refusal} = await previewObservation(workspace, experiment, asked);
  expect([sql.includes("country = DE"), estimate]).toEqual([true, ""]);
  expect(refusal).toEqual({
    error: expect.stringMatching(/column "DE" not found.*line \d+: /s),
    hint: expect.stringContaining("texts stand in single quotes")
  });
});

test("a form is saved over what it was made from, and over nothing newer", async () => {
  const {id, updatedAt} = await saveEditedObservation(workspace, experiment, {fields}, {now: monday});
  const change = (days: number, seen: string, now: string) =>
    saveEditedObservation(
      workspace,
      experiment,
      {fields: {...fields, horizon_days: days}, updatedAt: seen},
      {id, now}
    );
  const saved = await change(7, updatedAt, tuesday);
  expect(saved).toEqual({id, updatedAt: tuesday});
  await expect(change(9, updatedAt, tuesday)).rejects.toThrow(ConflictError);
  const [kept] = editedExperiment(workspace, experiment).observations;
  expect([kept.fields.horizon_days, kept.updatedAt]).toEqual([7, tuesday]);
});

test("of two changes at one moment, or with the clock gone back, the second is still told of the first", async () => {
  const first = await saveEditedObservation(workspace, experiment, {fields}, {now: tuesday});
  const change = (horizon_days: number, updatedAt: string, now: string) =>
    saveEditedObservation(
      workspace,
      experiment,
      {fields: {...fields, horizon_days}, updatedAt},
      {id: first.id, now}
    );
  for (const now of [tuesday, monday]) {
    const seen = editedExperiment(workspace, experiment).observations[0].updatedAt;
    const {updatedAt} = await change(7, seen, now);
    expect(updatedAt > seen).toBe(true);
    await expect(change(9, seen, now)).rejects.toThrow(ConflictError);
  }
});

test("a name that is taken is a conflict, and an unknown metric or filter is refused before anything is kept", async () => {
  await expect(saveEditedExperiment(workspace, {fields: {name: "banner"}})).rejects.toThrow(
    "the name banner is taken"
  );
  await saveEditedObservation(workspace, experiment, {fields});
  await expect(saveEditedObservation(workspace, experiment, {fields})).rejects.toThrow(ConflictError);
  await expect(
    saveEditedExperiment(workspace, {fields: {name: "other", key_metrics: ["purchase_convertion"]}})
  ).rejects.toThrow("did you mean purchase_conversion?");
  const bad = {...fields, name: "Bad", filters: ["country in (select 1)"]};
  await expect(saveEditedObservation(workspace, experiment, {fields: bad})).rejects.toThrow(
    "observation “Bad”"
  );
  expect(editedExperiment(workspace, experiment).observations.map(({fields}) => fields.name)).toEqual([
    "Main"
  ]);
});
