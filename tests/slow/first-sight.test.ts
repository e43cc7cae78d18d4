import {mkdtemp, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import {firstSight, needsDemo} from "../../lib/demo/first-sight.js";
import {plantedEffects} from "../../lib/demo/plan.js";
import {compare} from "../../lib/stats/compare.js";
import {srm} from "../../lib/stats/srm.js";
import {verdict} from "../../lib/stats/verdict.js";
import {closeStore, listExperiments, observationsOf} from "../../lib/store.js";
import type {ResultsView} from "../../lib/view-types.js";
import {experimentCards, resultsView} from "../../lib/views.js";
import {openWorkspace, type Workspace} from "../../lib/workspace.js";

let workspace: Workspace;
let views: ResultsView[];
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "expanto-demo-"));
  await writeFile(
    join(folder, "expanto.config.yaml"),
    `folders: {metrics: ${resolve("metrics")}, queries: ${resolve("queries")}, data: .expanto}\nwarehouse: {type: duckdb, path: .expanto/demo}\n`
  );
  workspace = await openWorkspace(folder);
  expect(needsDemo(workspace)).toBe(true);
  await firstSight(workspace, {say: () => {}, now: "2026-03-04T12:00:00.000Z"});
  const observations = listExperiments(workspace.store).flatMap(({id}) =>
    observationsOf(workspace.store, id)
  );
  views = await Promise.all(observations.map(({id}) => resultsView(workspace, id)));
});
afterAll(() => closeStore(workspace.store));

test("first sight shows every experiment that has data with a completed job", () => {
  expect(needsDemo(workspace)).toBe(false);
  expect(
    views.map(({experiment, observation, job}) => [experiment.name, observation.name, job?.status]).sort()
  ).toEqual([
    ["Delivery date on product page", "Main", "completed"],
    ["Faster checkout", "Main", "completed"],
    ["Faster checkout", "iOS only", "completed"],
    ["Free-shipping bar", "Main", "completed"],
    ["Larger product photos", "Main", "completed"],
    ["Search ranking v2", "Main", "completed"]
  ]);
});

test("a card names the guardrails that are clearly worse, and those alone", () => {
  const worse = experimentCards(workspace).flatMap(({experiment, worse}) =>
    worse.map(({title}) => [experiment.name, title])
  );
  const expected = views.filter(({observation}) => observation.name === "Main").flatMap(harmedIn);
  expect(worse.sort()).toEqual(expected.sort());
  expect(worse).toContainEqual(["Free-shipping bar", "Refund rate"]);
});

test("every planted effect lies in the interval the whole pipeline computes for it", () => {
  const outside = plantedEffects().flatMap((planted) => {
    const view = views.find(
      ({observation}) => observation.name === "Main" && observation.dbExperimentName === planted.experiment
    );
    if (!view || isMismatch(view)) return [];
    const {low, high} = liftOf(view, planted.metric, planted.variant);
    return low! <= planted.lift && planted.lift <= high! ? [] : [{...planted, low, high}];
  });
  expect(outside).toEqual([]);
});

test("the planted sample ratio mismatch is flagged and its verdicts are withheld; no other experiment has one", () => {
  const mismatched = views.filter(isMismatch);
  expect(mismatched.map(({experiment}) => experiment.name)).toEqual(["Delivery date on product page"]);
  const [view] = mismatched;
  const verdicts = view.metrics.map(({metric}) =>
    verdict(effectOf(view, metric.alias, view.experiment.variants[1].name), metric.goal, {
      isValid: !isMismatch(view)
    })
  );
  expect(new Set(verdicts)).toEqual(new Set(["invalid"]));
});

test("users seen in two variants are counted and left out, and exposures sum to the units of a metric everybody has", () => {
  const view = views.find(
    ({experiment, observation}) => experiment.name === "Faster checkout" && observation.name === "Main"
  )!;
  expect(view.job!.facts.crossovers).toBeGreaterThan(0);
  const units = (variant: string) =>
    view.exposures.filter((d) => d.variant === variant).reduce((sum, d) => sum + d.units, 0);
  const {arms} = view.metrics.find(({metric}) => metric.alias === "purchase_conversion")!;
  expect(arms.map(({moments}) => moments!.n)).toEqual(arms.map(({variant}) => units(variant)));
});

function liftOf(view: ResultsView, metric: string, variant: string) {
  return effectOf(view, metric, variant).lift;
}

function effectOf({metrics, experiment}: ResultsView, alias: string, variant: string) {
  const {metric, arms} = metrics.find((d) => d.metric.alias === alias)!;
  const control = experiment.variants.find(({isControl}) => isControl)!.name;
  const moments = (name: string) => arms.find((arm) => arm.variant === name)!.moments!;
  return compare(metric.type, moments(control), moments(variant), {confidence: 0.999});
}

function isMismatch({experiment, exposures}: ResultsView): boolean {
  const units = experiment.variants.map(({name}) =>
    exposures.reduce((sum, d) => sum + (d.variant === name ? d.units : 0), 0)
  );
  return srm(
    units,
    experiment.variants.map(({allocation}) => allocation)
  ).isMismatch;
}

// By the textbook alone: a 95% interval of the lift that lies on the bad side of 0.
function harmedIn({experiment, metrics}: ResultsView): [string, string][] {
  const control = experiment.variants.find(({isControl}) => isControl)!.name;
  return metrics
    .filter(({metric}) => metric.role === "guardrail")
    .flatMap(({metric, arms}) =>
      arms
        .filter(({variant}) => variant !== control)
        .filter(({moments}) => {
          const base = arms.find(({variant}) => variant === control)!.moments!;
          const {low, high} = compare(metric.type, base, moments!, {confidence: 0.95}).lift;
          return metric.goal === "decrease" ? low! > 0 : high! < 0;
        })
        .map((): [string, string] => [experiment.name, metric.title])
    );
}
