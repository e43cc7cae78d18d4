// Experiments as files: an experiment with its observations in one YAML text, compared with the store and applied.

import {readFile} from "node:fs/promises";
import {stringify} from "yaml";
import {UserError} from "./errors.js";
import {readObject, readYaml} from "./experiment-file/read.js";
import type {WrittenExperiment, WrittenFile, WrittenObservation} from "./experiment-file/schema.js";
import {
  experimentByName,
  observationByName,
  observationsOf,
  saveExperiment,
  saveObservation,
  type ExperimentInput,
  type ObservationInput,
  type Store
} from "./store.js";
import {lawfulVariants} from "./store/variants.js";
import type {Experiment, Instant, Variant, Written} from "./types.js";

export type ExperimentFile = {
  experiment: ExperimentInput;
  observations: Omit<ObservationInput, "experimentId">[];
};

/** The scenario of an observation that names none; without it every observation must name one. */
export type ReadOptions = {defaultScenario?: string};

/** One field that apply would set; from is null where there was nothing, to is null where it is emptied. */
export type Change = {
  on: "experiment" | "observation";
  name: string;
  action: "create" | "update";
  /** The field's name in the file. */
  field: string;
  from: unknown;
  to: unknown;
};

/** Returns the experiment a YAML file describes; throws a UserError listing every problem as file:line:column. */
export async function readExperimentFile(path: string, options: ReadOptions = {}): Promise<ExperimentFile> {
  return modelOf(readYaml(await textOf(path), path, options), options);
}

/** Returns the experiment a plain object describes, by the rules of the file; throws a UserError listing every problem. */
export function parseExperiment(value: unknown, options: ReadOptions = {}): ExperimentFile {
  return modelOf(readObject(value, options), options);
}

/** Returns what applying the file would create or update, field by field; empty where nothing changes. */
export function planChanges(db: Store, {experiment, observations}: ExperimentFile): Change[] {
  const existing = experimentByName(db, experiment.name);
  const ofExperiment = differences(
    {on: "experiment", name: experiment.name, action: existing ? "update" : "create"},
    existing ? writtenExperiment(existing) : {},
    writtenExperiment(experiment)
  );
  return [...ofExperiment, ...observations.flatMap((observation) => ofObservation(observation))];

  function ofObservation(observation: Omit<ObservationInput, "experimentId">): Change[] {
    const before = existing && observationByName(db, existing.id, observation.name);
    return differences(
      {on: "observation", name: observation.name, action: before ? "update" : "create"},
      before ? writtenObservation(before) : {},
      writtenObservation(observation)
    );
  }
}

/** Returns the names of the experiment's observations that the file does not mention: apply leaves them alone. */
export function observationsLeftAlone(db: Store, {experiment, observations}: ExperimentFile): string[] {
  const existing = experimentByName(db, experiment.name);
  const mentioned = new Set(observations.map(({name}) => name));
  const names = existing ? observationsOf(db, existing.id).map(({name}) => name) : [];
  return names.filter((name) => !mentioned.has(name));
}

/** Returns the changes made, all in one transaction; what does not change is not touched. */
export function applyExperimentFile(
  db: Store,
  file: ExperimentFile,
  {now = new Date().toISOString(), who = null}: {now?: Instant; who?: string | null} = {}
): Change[] {
  const apply = db.transaction(() => {
    const changes = planChanges(db, file);
    const isChanged = (on: Change["on"], name: string) => changes.some((c) => c.on === on && c.name === name);
    const {experiment, observations} = file;
    if (isChanged("experiment", experiment.name)) saveExperiment(db, experiment, {now, who});
    const experimentId = experimentByName(db, experiment.name)!.id;
    for (const observation of observations.filter(({name}) => isChanged("observation", name))) {
      saveObservation(db, {...observation, experimentId}, {now, who});
    }
    return changes;
  });
  return apply.immediate();
}

/** Returns the changes for reading: + for what is new, - for what is emptied, ~ for what becomes something else. */
export function describeChanges(changes: Change[], leftAlone: string[] = []): string {
  const lines = changes.flatMap((change, i) => {
    const isFirst = changes.findIndex(({on, name}) => on === change.on && name === change.name) === i;
    return isFirst ? [heading(change), fieldLine(change)] : [fieldLine(change)];
  });
  if (changes.length === 0) lines.push("no change");
  if (leftAlone.length > 0) lines.push(`not in the file, left alone: ${leftAlone.join(", ")}`);
  return lines.join("\n");
}

/** Returns the YAML of an experiment with its observations; applying it changes nothing. Throws where two share a name. */
export function exportExperiment(db: Store, experiment: Experiment): string {
  const observations = observationsOf(db, experiment.id).sort((a, b) => a.id - b.id);
  // Refuses two of one name: a file could not tell them apart.
  for (const {name} of observations) observationByName(db, experiment.id, name);
  const written = {
    experiment: said({...writtenExperiment(experiment), variants: briefVariants(experiment.variants)}),
    ...(observations.length > 0 ? {observations: observations.map((o) => said(writtenObservation(o)))} : {})
  };
  return stringify(written, {lineWidth: 0});
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot read ${path}: ${reason}`, "check the path");
  }
}

function modelOf(
  {experiment, observations}: WrittenFile,
  {defaultScenario = ""}: ReadOptions
): ExperimentFile {
  return {
    experiment: experimentOf(experiment),
    observations: (observations ?? []).map((written) =>
      observationOf(written, experiment.name, defaultScenario)
    )
  };
}

function experimentOf(written: WrittenExperiment): ExperimentInput {
  return {
    name: written.name,
    status: written.status,
    owner: textOrNull(written.owner),
    description: textOrNull(written.description),
    hypotheses: textOrNull(written.hypotheses),
    keyMetrics: written.key_metrics ?? [],
    guardrails: written.guardrails ?? [],
    design: textOrNull(written.design),
    conclusion: textOrNull(written.conclusion),
    start: written.start_datetime,
    end: written.end_datetime,
    variants: variantsOf(written.variants ?? [])
  };
}

function variantsOf(written: NonNullable<WrittenExperiment["variants"]>): Variant[] {
  return lawfulVariants(
    written.map(({name, allocation = 1, control = false}) => ({name, allocation, isControl: control}))
  );
}

function observationOf(
  written: WrittenObservation,
  experimentName: string,
  defaultScenario: string
): Omit<ObservationInput, "experimentId"> {
  return {
    name: written.name,
    dbExperimentName: written.db_experiment_name ?? experimentName,
    splitId: written.split_id,
    scenario: written.calculation_scenario ?? defaultScenario,
    exposureStart: written.exposure_start_datetime,
    exposureEnd: written.exposure_end_datetime,
    calcStart: written.calc_start_datetime,
    calcEnd: written.calc_end_datetime,
    exposureEvent: textOrNull(written.exposure_event),
    audienceTables: written.audience_tables ?? [],
    filters: written.filters ?? [],
    eventFilters: written.event_filters ?? [],
    customTestIdsQuery: textOrNull(written.custom_test_ids_query),
    metricTags: written.metric_tags ?? [],
    metricGroups: written.metric_groups ?? [],
    dimensions: written.dimensions ?? [],
    preDays: written.pre_period_days ?? 0,
    horizonDays: written.horizon_days ?? 0
  };
}

// Blank text is none, as it is in the store.
function textOrNull(text: string | null | undefined): string | null {
  return text?.trim() ? text : null;
}

/** Returns an experiment's fields by the names of its file; what is not said is null or empty. */
export function writtenExperiment(experiment: ExperimentInput): Written {
  return {
    name: experiment.name,
    status: experiment.status,
    owner: experiment.owner,
    description: experiment.description,
    hypotheses: experiment.hypotheses,
    key_metrics: experiment.keyMetrics,
    guardrails: experiment.guardrails,
    design: experiment.design,
    conclusion: experiment.conclusion,
    start_datetime: writtenTime(experiment.start),
    end_datetime: writtenTime(experiment.end),
    variants: experiment.variants.map(writtenVariant)
  };
}

function writtenVariant({name, allocation, isControl}: Variant): Written {
  return isControl ? {name, allocation, control: true} : {name, allocation};
}

// Equal shares need no saying, and 0.3333333333333333 is not nice to read.
function briefVariants(variants: Variant[]): Written[] {
  const isEqual = variants.every(({allocation}) => allocation === 1 / variants.length);
  return variants
    .map(writtenVariant)
    .map(({allocation, ...rest}) => (isEqual ? rest : {...rest, allocation}));
}

/** Returns an observation's fields by the names of its file. */
export function writtenObservation(observation: Omit<ObservationInput, "experimentId">): Written {
  return {
    name: observation.name,
    db_experiment_name: observation.dbExperimentName,
    split_id: observation.splitId,
    calculation_scenario: observation.scenario,
    exposure_start_datetime: writtenTime(observation.exposureStart),
    exposure_end_datetime: writtenTime(observation.exposureEnd),
    calc_start_datetime: writtenTime(observation.calcStart),
    calc_end_datetime: writtenTime(observation.calcEnd),
    exposure_event: observation.exposureEvent,
    audience_tables: observation.audienceTables,
    filters: observation.filters,
    event_filters: observation.eventFilters,
    custom_test_ids_query: observation.customTestIdsQuery,
    metric_tags: observation.metricTags,
    metric_groups: observation.metricGroups,
    dimensions: observation.dimensions,
    pre_period_days: observation.preDays || null,
    horizon_days: observation.horizonDays || null
  };
}

function writtenTime(instant: Instant | null): string | null {
  return instant?.replace(/T00:00:00\.000Z$/, "").replace(/\.000Z$/, "Z") ?? null;
}

function said(written: Written): Written {
  return Object.fromEntries(Object.entries(written).filter(([, value]) => !isNone(value)));
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

// The name is what the two are found by, so it never differs.
function differences(
  subject: Pick<Change, "on" | "name" | "action">,
  before: Written,
  after: Written
): Change[] {
  return Object.keys(after)
    .filter((field) => field !== "name")
    .map((field) => ({...subject, field, from: orNull(before[field]), to: orNull(after[field])}))
    .filter(({from, to}) => JSON.stringify(from) !== JSON.stringify(to));
}

function orNull(value: unknown): unknown {
  return isNone(value) ? null : value;
}

function heading({on, name, action}: Change): string {
  return `${action === "create" ? "+" : "~"} ${on} ${JSON.stringify(name)}`;
}

function fieldLine({field, from, to}: Change): string {
  if (from === null) return `    + ${field}: ${shown(to)}`;
  if (to === null) return `    - ${field}: ${shown(from)}`;
  return `    ~ ${field}: ${shown(from)} → ${shown(to)}`;
}

function shown(value: unknown): string {
  return typeof value === "string" && !/[\p{Cc}"]/u.test(value) ? value : JSON.stringify(value);
}
