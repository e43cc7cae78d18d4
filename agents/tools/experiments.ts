// Experiments and their observations: what there is, and what was written about it.

import {z} from "zod";

import {findingsOf, readingOfDefaults, unitsOfCard, trafficOf} from "../../lib/stats/analysis.js";
import {controlOf} from "../../lib/stats/variants.js";
import {eventsOf, jobsOf, observationsOf, planKept} from "../../lib/store.js";
import {experimentStatuses} from "../../lib/types.js";
import type {ExperimentCard} from "../../lib/view-types.js";
import {experimentCards} from "../../lib/views.js";
import {tool} from "../types.js";
import {rowOf} from "./reading.js";
import {experimentMeant} from "./subject.js";

const mostListed = 60;

export const listExperiments = tool({
  name: "list_experiments",
  description:
    "The experiments there are, newest first, each with its dates, owner, hypothesis and what its primary metric showed; also how many are better, worse and unclear, and which have a sample ratio mismatch. For questions about many experiments.",
  schema: z.object({
    search: z.string().max(200).optional().describe("words that name, hypothesis, description or owner hold"),
    status: z.enum(experimentStatuses).optional()
  }),
  run: ({search, status}, {workspace}) => {
    const all = experimentCards(workspace);
    const words = (search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = all
      .filter(({experiment}) => !status || experiment.status === status)
      .filter(({experiment: {name, hypotheses, description, owner, conclusion}}) => {
        const text = [name, hypotheses, description, owner, conclusion].join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
    const rows = found.map(lineOf);
    return {
      value: {
        found: rows.length,
        of: all.length,
        verdicts: tally(rows.map(({primary}) => primary?.verdict ?? "no result")),
        mismatches: rows.flatMap(({name, is_mismatch}) => (is_mismatch ? [name] : [])),
        statuses: tally(rows.map(({status}) => status)),
        experiments: rows.slice(0, mostListed)
      },
      said: `${rows.length} of ${all.length} experiments`,
      href: "/"
    };
  }
});

function lineOf(card: ExperimentCard) {
  const {experiment, observation, job} = card;
  const {id, name, status, owner, hypotheses, start, end} = experiment;
  return {
    id,
    name,
    status,
    owner,
    hypothesis: hypotheses,
    start: start?.slice(0, 10) ?? null,
    end: end?.slice(0, 10) ?? null,
    days: start && end ? Math.round((Date.parse(end) - Date.parse(start)) / 864e5) : null,
    observation: observation?.id ?? null,
    last_job: job?.status ?? null,
    is_mismatch: isMismatch(card),
    primary: primaryOf(card)
  };
}

const isMismatch = (card: ExperimentCard) =>
  trafficOf(card.experiment, unitsOfCard(card), card.defaults.srmThreshold)?.isMismatch ?? false;

function primaryOf(card: ExperimentCard) {
  const {experiment, primary, defaults} = card;
  const control = controlOf(experiment);
  if (!primary || control === null) return null;
  const treatments = experiment.variants.map(({name}) => name).filter((name) => name !== control);
  const options = {
    control,
    treatments,
    scale: "relative" as const,
    isValid: !isMismatch(card),
    ...readingOfDefaults(defaults)
  };
  const {metric, title, variant, lift, low, high, pvalue, verdict} = {
    lift: null,
    low: null,
    high: null,
    pvalue: null,
    ...rowOf(findingsOf([primary], options)[0][0])
  };
  return {metric, title, variant, lift, low, high, pvalue, verdict};
}

function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

export const readExperiment = tool({
  name: "read_experiment",
  description:
    "One experiment in full: hypothesis, description, design, conclusion, variants, metrics, plan, history, its observations with their windows and newest jobs.",
  schema: z.object({experiment: z.union([z.number().int().positive(), z.string().max(255)])}),
  run: ({experiment: named}, {workspace}) => {
    const experiment = experimentMeant(workspace, named);
    const {store} = workspace;
    const observations = observationsOf(store, experiment.id).toSorted((a, b) => a.id - b.id);
    return {
      value: {
        ...experiment,
        plan: planKept(store, experiment.id),
        history: eventsOf(store, experiment.id),
        observations: observations.map(
          ({id, name, exposureStart, exposureEnd, filters, dimensions, preDays}) => ({
            id,
            name,
            exposure_start: exposureStart,
            exposure_end: exposureEnd,
            filters,
            dimensions,
            pre_days: preDays,
            jobs: jobsOf(store, id)
              .slice(0, 3)
              .map(({id, status, error, createdAt}) => ({id, status, error, at: createdAt}))
          })
        )
      },
      said: experiment.name,
      href: `/?experiment=${experiment.id}`
    };
  }
});
