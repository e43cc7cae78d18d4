import {beforeEach, expect, test} from "vitest";
import {
  consequencesOf,
  declareFirst,
  deleteExperiment,
  deleteObservation,
  moveExperiment,
  restore
} from "../../lib/lifecycle.js";
import {applyExperimentFile, parseExperiment} from "../../lib/experiment-file.js";
import {
  completeJob,
  createJob,
  deletedThings,
  eventsOf,
  trailOf,
  experimentById,
  experimentByName,
  inputsOf,
  listExperiments,
  observationById,
  observationsOf,
  openStore,
  packOf,
  purgeDeleted,
  saveExperiment,
  saveObservation,
  type Store
} from "../../lib/store.js";

const now = "2025-11-01T12:00:00.000Z";
const variants = [{name: "A", control: true}, {name: "B"}];
let store: Store;
let id: number;

beforeEach(async () => {
  store = await openStore(":memory:");
  apply({name: "checkout", key_metrics: ["orders"], variants});
  id = experimentByName(store, "checkout")!.id;
});

function apply(experiment: Record<string, unknown>) {
  const file = {experiment, observations: [{name: "Main", split_id: "user_id"}]};
  applyExperimentFile(store, parseExperiment(file, {defaultScenario: "duckdb"}), {now});
}

const move = (
  action: Parameters<typeof moveExperiment>[2]["action"],
  words: string | null = null,
  at = now
) => moveExperiment({store}, id, {action, words}, {now: at});

test("an experiment starts, pauses, goes on and is decided, and each step is kept with its time and words", () => {
  move("start");
  expect(experimentById(store, id)).toMatchObject({status: "running", start: now, end: null});
  move("pause", "checkout was down", "2025-11-03T00:00:00.000Z");
  move("resume", null, "2025-11-04T00:00:00.000Z");
  move("complete", "Ship it.", "2025-11-20T00:00:00.000Z");
  expect(experimentById(store, id)).toMatchObject({
    status: "completed",
    start: now,
    end: "2025-11-20T00:00:00.000Z",
    conclusion: "Ship it."
  });
  expect(eventsOf(store, id).map(({before, after, words}) => [before, after, words])).toEqual([
    ["planned", "running", null],
    ["running", "paused", "checkout was down"],
    ["paused", "running", null],
    ["running", "completed", "Ship it."]
  ]);
});

test("a step says all it needs, and changes nothing before", () => {
  apply({name: "bare"});
  const bare = experimentByName(store, "bare")!.id;
  expect(() => moveExperiment({store}, bare, {action: "start"})).toThrow(
    "to start “bare”, declare its variants, one of them the control; name its primary metric"
  );
  expect(() => move("pause")).toThrow("“checkout” is planned, so there is nothing to pause");
  move("start");
  expect(() => move("complete")).toThrow("write the conclusion");
  expect(() => move("cancel", "  ")).toThrow("say why");
  expect(eventsOf(store, bare)).toEqual([]);
  expect(experimentById(store, id)!.status).toBe("running");
});

test("who moves an experiment that somebody else has changed is told", () => {
  const {updatedAt} = experimentById(store, id)!;
  saveExperiment(
    store,
    {...experimentById(store, id)!, owner: "else"},
    {id, now: "2025-11-01T13:00:00.000Z"}
  );
  for (const seen of [updatedAt, ""])
    expect(() => moveExperiment({store}, id, {action: "start", updatedAt: seen})).toThrow(
      "changed by somebody else"
    );
  expect(experimentById(store, id)!.status).toBe("planned");
});

test("variants are declared once by whoever is first; the second is told", () => {
  apply({name: "undeclared"});
  const bare = experimentByName(store, "undeclared")!.id;
  const [a, b] = ["a", "b"].map((control) =>
    ["a", "b"].map((name) => ({name, allocation: 0.5, isControl: name === control}))
  );
  expect(declareFirst({store}, bare, a).variants).toEqual(a);
  expect(() => declareFirst({store}, bare, b)).toThrow("are declared already");
  expect(experimentById(store, bare)!.variants).toEqual(a);
});

test("a change of shares is kept with both, a first declaration is not one", () => {
  apply({name: "bare"});
  const bare = experimentByName(store, "bare")!;
  const declared = [
    {name: "A", allocation: 0.5, isControl: true},
    {name: "B", allocation: 0.5, isControl: false}
  ];
  saveExperiment(store, {...bare, variants: declared}, {id: bare.id, now});
  expect(eventsOf(store, bare.id)).toEqual([]);
  const ramped = declared.map((each, i) => ({...each, allocation: [0.8, 0.2][i]}));
  saveExperiment(store, {...bare, variants: ramped}, {id: bare.id, now});
  expect(eventsOf(store, bare.id)).toEqual([
    {kind: "allocation", before: declared, after: ramped, words: null, at: now}
  ]);
});

test("what is deleted is gone from every list, keeps its name, and comes back whole", () => {
  const [observation] = observationsOf(store, id);
  createJob(store, {observationId: observation.id, query: "select 1", status: "failed"});
  expect(consequencesOf({store}, id)).toEqual({observations: 1, jobs: 1});
  deleteExperiment({store}, id, {now});
  expect(listExperiments(store)).toEqual([]);
  expect([experimentById(store, id), observationById(store, observation.id)]).toEqual([null, null]);
  expect(() => apply({name: "checkout"})).toThrow("a deleted experiment is called checkout");
  expect(deletedThings(store)).toEqual([{kind: "experiment", id, name: "checkout", deletedAt: now}]);
  restore({store}, {kind: "experiment", id});
  expect(observationsOf(store, id)).toEqual([observation]);
  expect(() => restore({store}, {kind: "experiment", id})).toThrow(`no deleted experiment ${id}`);
});

test("a deleted observation comes back unless its name was taken", () => {
  const [{id: main}] = observationsOf(store, id);
  deleteObservation({store}, {experiment: id, id: main}, {now});
  expect(observationsOf(store, id)).toEqual([]);
  apply({name: "checkout", key_metrics: ["orders"], variants});
  expect(() => restore({store}, {kind: "observation", id: main})).toThrow(
    "another observation has taken its name"
  );
  expect(() => deleteObservation({store}, {experiment: 99, id: main})).toThrow("has no observation");
});

test("what somebody changed after it was seen is not deleted", () => {
  const seen = experimentById(store, id)!;
  const [observation] = observationsOf(store, id);
  saveExperiment(store, {...seen, owner: "bo"}, {id});
  saveObservation(store, {...observation, filters: ["country = 'BR'"]}, {id: observation.id});
  const main = {experiment: id, id: observation.id};
  expect(() => deleteExperiment({store}, id, seen)).toThrow("changed by somebody else");
  expect(() => deleteObservation({store}, main, observation)).toThrow("changed by somebody else");
  expect(deletedThings(store)).toEqual([]);
  deleteObservation({store}, main, observationsOf(store, id)[0]);
  deleteExperiment({store}, id, experimentById(store, id)!);
  expect(deletedThings(store)).toHaveLength(1);
});

test("after thirty days nothing of what was deleted is left in any table, and everything else is", async () => {
  apply({name: "kept", key_metrics: ["orders"], variants});
  for (const experiment of listExperiments(store)) {
    moveExperiment({store}, experiment.id, {action: "start"}, {now});
    const [observation] = observationsOf(store, experiment.id);
    const job = createJob(store, {observationId: observation.id, query: "select 1", status: "running"});
    const series = [
      {metric: "orders", day: "2025-11-01", variant: "A", moments: {n: 2, means: [1], covariance: [[0]]}}
    ];
    const row = {variant: "A", metric: "orders", title: "Orders", type: "mean" as const, n: 2, value: 1};
    completeJob(store, job, {
      precomputes: [
        {
          ...row,
          numeratorMean: 1,
          denominatorMean: null,
          numeratorVariance: 0,
          denominatorVariance: null,
          covariance: null
        }
      ],
      exposures: [{variant: "A", day: "2025-11-01", units: 2}],
      series,
      cells: await packOf({variants: ["A"], keys: [], variant: [0], at: [], units: [2], metrics: []}),
      inputs: await packOf({observation: {name: "Main"}, metrics: []}),
      facts: {}
    });
    expect(inputsOf(store, job)).toEqual({observation: {name: "Main"}, metrics: []});
  }
  const tables = [
    "experiments",
    "observations",
    "calculation_jobs",
    "precomputes",
    "exposures",
    "series",
    "cells",
    "job_inputs",
    "experiment_events"
  ];
  const where = (table: string) => (table === "experiment_events" ? "where kind = 'status'" : "");
  const rows = () =>
    tables.map((table) =>
      store
        .prepare(`select count(*) from ${table} ${where(table)}`)
        .pluck()
        .get()
    );
  expect(rows()).toEqual(tables.map(() => 2));
  deleteExperiment({store}, id, {now});
  expect(purgeDeleted(store, now)).toBe(0);
  expect(purgeDeleted(store, "2025-12-02T00:00:00.000Z")).toBe(2);
  expect(rows()).toEqual(tables.map(() => 1));
  expect(trailOf(store, id)).toEqual([]);
  expect(listExperiments(store).map(({name}) => name)).toEqual(["kept"]);
});
