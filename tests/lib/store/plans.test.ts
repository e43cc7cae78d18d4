// No question that pages, jobs or commands ask of the store reads a table that grows from its start to its end.

import {expect, test} from "vitest";
import * as store from "../../../lib/store.js";

/** Tables with a row, or many, for each job or change; experiments are listed whole, and are few. */
const growing = [
  "observations",
  "calculation_jobs",
  "precomputes",
  "exposures",
  "series",
  "cells",
  "job_inputs",
  "experiment_events"
];

const asked: Record<string, (db: store.Store) => unknown> = {
  "an experiment": (db) => store.experimentById(db, 1),
  "an experiment by its name": (db) => store.experimentByName(db, "a"),
  "an experiment's observations": (db) => store.observationsOf(db, 1),
  "an experiment's history": (db) => store.eventsOf(db, 1),
  "an experiment's plan": (db) => store.planKept(db, 1),
  "all experiments": (db) => store.listExperiments(db),
  "an observation": (db) => store.observationById(db, 1),
  "an observation by its name": (db) => store.observationByName(db, 1, "a"),
  "an observation's jobs": (db) => store.jobsOf(db, 1),
  "an observation's latest completed job": (db) => store.latestCompletedJob(db, 1),
  "a job": (db) => store.jobById(db, 1),
  "a job's moments": (db) => [store.precomputesOf(db, 1), store.precomputesOf(db, 1, "a")],
  "a job's exposures": (db) => store.exposuresOf(db, 1),
  "a job's days": (db) => store.seriesOf(db, 1),
  "a job's cells": (db) => [store.hasCells(db, 1), store.cellsOf(db, 1)],
  "what a job was made of": (db) => store.inputsOf(db, 1),
  "the jobs of a metric": (db) => store.jobsOfMetric(db, "a"),
  "jobs that a process left behind": (db) => store.failAbandonedJobs(db)
};

test.each(Object.entries(asked))("an index answers: %s", async (_, ask) => {
  const db = await store.openStore(":memory:");
  const prepare = db.prepare.bind(db);
  const queries: string[] = [];
  db.prepare = ((sql: string) => (queries.push(sql), prepare(sql))) as typeof db.prepare;
  ask(db);
  expect(queries.length).toBeGreaterThan(0);
  for (const query of queries) {
    const plan = prepare<unknown[], {detail: string}>(
      `explain query plan ${query.replace(/\?/g, "1")}`
    ).all();
    for (const {detail} of plan) {
      const scanned = /^SCAN (\w+)(?! USING (COVERING )?INDEX)/.exec(detail)?.[1] ?? "";
      expect(growing, `${query}\n${detail}`).not.toContain(scanned);
    }
  }
  store.closeStore(db);
});
