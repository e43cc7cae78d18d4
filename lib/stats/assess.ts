import {type AssessedMetric, summaryOf, type SummaryPart} from "./summary.js";
import {srm} from "./srm.js";
import type {SrmTest, Verdict} from "./types.js";
import {type Scale, verdict} from "./verdict.js";

export type AssessInput = {
  /** Names of the two variants compared, as people read them. */
  control: string;
  treatment: string;
  /** Units of every variant, counted before any join with events. */
  units: {variant: string; units: number}[];
  /** The planned share of every variant; empty where nobody declared it. */
  allocation: {variant: string; allocation: number}[];
  srmThreshold?: number;
  plannedDays?: number | null;
  elapsedDays?: number | null;
  /** Units seen in more than one variant, left out of every number. */
  crossovers?: number;
  metrics: AssessedMetric[];
  /** The scale shown, by which verdicts are made. */
  scale?: Scale;
  /** The confidence of the effects' intervals. */
  confidence?: number;
};

export type Readiness = {
  status: "ready" | "wait" | "invalid";
  title: string;
  sentence: string;
  causes: string[];
};

export type Assessment = {
  /** False where the traffic is not split as planned: then every verdict is withheld. */
  isReadable: boolean;
  /** Null where no split is declared or no unit counted. */
  srm: SrmTest | null;
  readiness: Readiness;
  findings: {alias: string; verdict: Verdict}[];
  /** The answer in a sentence or two, in parts; strong parts carry the numbers. */
  summary: SummaryPart[];
};

/** Returns what may be said of an experiment: whether to read it yet, a verdict for every metric, and the answer. */
export function assess(input: AssessInput): Assessment {
  const test = splitTest(input);
  const readiness = readinessOf(input, test);
  const isReadable = readiness.status !== "invalid";
  const {scale = "lift", confidence = 0.95} = input;
  const findings = input.metrics.map(({alias, goal, effect}) => ({
    alias,
    verdict: verdict(effect, goal, {scale, isValid: isReadable})
  }));
  const summary = isReadable
    ? summaryOf(input.treatment, input.metrics, {scale, confidence, isEarly: readiness.status === "wait"})
    : [{text: "Do not read yet:", strong: true}, {text: ` ${withheld}`}];
  return {isReadable, srm: test, readiness, findings, summary};
}

const withheld =
  "the units are not split as planned, so every difference may come from who was counted. Verdicts are withheld.";

function splitTest({units, allocation, srmThreshold: threshold}: AssessInput): SrmTest | null {
  if (allocation.length < 2) return null;
  const counts = allocation.map(({variant}) => units.find((arm) => arm.variant === variant)?.units ?? 0);
  const test = srm(
    counts,
    allocation.map((arm) => arm.allocation),
    {threshold}
  );
  return test.statistic === null ? null : test;
}

function readinessOf(input: AssessInput, test: SrmTest | null): Readiness {
  if (test?.isMismatch) return invalid(input);
  const {plannedDays, elapsedDays} = input;
  if (plannedDays != null && elapsedDays != null && elapsedDays < plannedDays)
    return early(plannedDays, elapsedDays);
  const sentence = test
    ? "The units are split as planned."
    : "No split is declared, so it could not be checked.";
  return {status: "ready", title: "Ready to read", sentence, causes: []};
}

function invalid({crossovers = 0}: AssessInput): Readiness {
  const seenTwice = `${count(crossovers)} in more than one variant: check how units are assigned.`;
  return {
    status: "invalid",
    title: "Do not read yet",
    sentence: "The units are not split as planned: a sample ratio mismatch.",
    causes: [...(crossovers > 0 ? [seenTwice] : []), ...likelyCauses]
  };
}

function count(units: number): string {
  return units === 1 ? "1 unit was seen" : `${units} units were seen`;
}

// Fabijan et al. 2019, a taxonomy of sample ratio mismatch.
const likelyCauses = [
  "One variant redirects, crashes or loads slower, so that its units are lost before they are counted.",
  "Exposure is logged at a different moment, or by a different condition, in one variant.",
  "Allocation was changed, or a variant paused, while the experiment ran.",
  "Bots, or a filter or an audience that the treatment itself changes, remove units from one variant."
];

function early(plannedDays: number, elapsedDays: number): Readiness {
  const left = Math.ceil(plannedDays - elapsedDays);
  return {
    status: "wait",
    title: "Wait",
    sentence: `${left} of ${plannedDays} planned ${plannedDays === 1 ? "day" : "days"} are still to come; intervals that are read early, again and again, are wrong more often than they say.`,
    causes: []
  };
}
