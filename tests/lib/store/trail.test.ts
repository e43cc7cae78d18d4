import {beforeEach, expect, test} from "vitest";
import {ConflictError} from "../../../lib/errors.js";
import {applyExperimentFile, parseExperiment} from "../../../lib/experiment-file.js";
import {
  deleteExperiment,
  deleteObservation,
  keepPlan,
  moveExperiment,
  restore
} from "../../../lib/lifecycle.js";
import {
  declareVariants,
  experimentById,
  observationsOf,
  openStore,
  planKept,
  saveExperiment,
  saveObservation,
  trailOf,
  type Store
} from "../../../lib/store.js";

const [monday, tuesday] = ["2025-10-06T08:00:00.000Z", "2025-10-07T08:00:00.000Z"];
const variants = ["A", "B"].map((name, i) => ({name, allocation: 0.5, isControl: i === 0}));

let store: Store;
beforeEach(async () => {
  store = await openStore(":memory:");
  const file = {experiment: {name: "banner"}, observations: [{name: "Main", split_id: "user_id"}]};
  applyExperimentFile(store, parseExperiment(file, {defaultScenario: "duckdb"}), {now: monday, who: "ana"});
});

const newest = (n: number) => trailOf(store, 1).slice(0, n);
const main = {id: 1, name: "Main"};
const entry = {before: null, after: null, words: null, observation: null, who: null, at: tuesday};

test("an edit is kept with the fields that changed, before and after, and no others", () => {
  const experiment = experimentById(store, 1)!;
  saveExperiment(
    store,
    {...experiment, owner: "bo", keyMetrics: ["orders"]},
    {id: 1, now: tuesday, who: "bo"}
  );
  saveObservation(
    store,
    {...observationsOf(store, 1)[0], filters: ["country = 'BR'"]},
    {id: 1, now: tuesday}
  );
  expect(trailOf(store, 1)).toEqual([
    {
      ...entry,
      kind: "edit",
      observation: main,
      before: {filters: []},
      after: {filters: ["country = 'BR'"]}
    },
    {
      ...entry,
      kind: "edit",
      before: {owner: null, key_metrics: []},
      after: {owner: "bo", key_metrics: ["orders"]},
      who: "bo"
    },
    {...entry, kind: "create", observation: main, at: monday, who: "ana"},
    {...entry, kind: "create", at: monday, who: "ana"}
  ]);
});

test("what is saved as it was leaves no trace", () => {
  saveExperiment(store, experimentById(store, 1)!, {id: 1, now: tuesday});
  saveObservation(store, observationsOf(store, 1)[0], {id: 1, now: tuesday});
  expect(trailOf(store, 1)).toHaveLength(2);
});

test("a first declaration of variants is an edit, and a conclusion stands beside its step", () => {
  declareVariants(store, 1, variants, {now: monday});
  expect(newest(1)).toMatchObject([
    {kind: "edit", before: {variants: []}, after: {variants: [{name: "A"}, {name: "B"}]}}
  ]);
  saveExperiment(store, {...experimentById(store, 1)!, keyMetrics: ["orders"]}, {id: 1, now: monday});
  moveExperiment({store}, 1, {action: "start"}, {now: monday});
  moveExperiment({store}, 1, {action: "complete", words: "Ship it."}, {now: tuesday});
  expect(newest(2)).toMatchObject([
    {kind: "edit", before: {conclusion: null}, after: {conclusion: "Ship it."}},
    {kind: "status", before: "running", after: "completed", words: "Ship it."}
  ]);
});

test("a deletion is kept, and that it was undone", () => {
  deleteObservation({store}, {experiment: 1, id: 1}, {now: tuesday});
  restore({store}, {kind: "observation", id: 1}, {now: tuesday});
  deleteExperiment({store}, 1, {now: tuesday, who: "bo"});
  restore({store}, {kind: "experiment", id: 1}, {now: tuesday});
  expect(newest(4)).toEqual([
    {...entry, kind: "restore"},
    {...entry, kind: "delete", who: "bo"},
    {...entry, kind: "restore", observation: main},
    {...entry, kind: "delete", observation: main}
  ]);
});

test("a plan that is kept leaves a trace, with who kept it", () => {
  const question = {lift: 0.05, power: 0.8, confidence: 0.95, shares: [1, 1], side: "two-sided" as const};
  const kinds = {corrected: false, cuped: false, sequential: false};
  const metrics = [{alias: "orders", title: "Orders", units: 100, day: 3}];
  const plan = {...question, ...kinds, metrics, units: 100, day: 3, source: "typed", keptAt: tuesday};
  keepPlan({store}, 1, {plan, replaces: null}, {now: tuesday, who: "bo"});
  expect(newest(1)).toEqual([{...entry, kind: "plan", who: "bo"}]);
});

test("a plan replaces the one that was seen, and no other that was kept meanwhile", () => {
  const shared = {lift: 0.05, power: 0.8, confidence: 0.95, shares: [1, 1], side: "two-sided" as const};
  const more = {corrected: false, cuped: false, sequential: false, units: 100, day: 3, source: "typed"};
  const metrics = [{alias: "orders", title: "Orders", units: 100, day: 3}];
  const planAt = (keptAt: string) => ({...shared, ...more, metrics, keptAt});
  keepPlan({store}, 1, {plan: planAt(monday), replaces: null});
  expect(() => keepPlan({store}, 1, {plan: planAt(tuesday), replaces: null})).toThrow(ConflictError);
  expect(planKept(store, 1)!.keptAt).toBe(monday);
  keepPlan({store}, 1, {plan: planAt(tuesday), replaces: monday});
  expect(planKept(store, 1)!.keptAt).toBe(tuesday);
});

test("the newest comes first though the clock went back, and no more than were asked for", () => {
  const rename = (name: string, now: string) =>
    saveExperiment(store, {...experimentById(store, 1)!, name}, {id: 1, now});
  rename("second", tuesday);
  rename("third", monday);
  expect(trailOf(store, 1, {most: 2}).map(({after}) => after)).toEqual([{name: "third"}, {name: "second"}]);
});
