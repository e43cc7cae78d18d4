import {type Check, checklist} from "./checklist.js";
import type {Allocation, DayUnits, DimensionUnits} from "./checks.js";
import {summaryOf, type AssessedMetric, type SummaryPart} from "./summary.js";
import {readTraffic, type Readiness, type Traffic} from "./traffic.js";
import type {SrmTest, Verdict} from "./types.js";
import {type Scale, verdict} from "./verdict.js";

export type AssessInput = Traffic & {
  /** The variant compared with the control, as people read it. */
  treatment: string;
  metrics: AssessedMetric[];
  /** The scale shown, by which verdicts are made. */
  scale?: Scale;
  /** The confidence of the effects' intervals. */
  confidence?: number;
  /** Comparisons in the family that nothing corrects for. */
  uncorrected?: number;
  /** Why the numbers no longer answer the question as it is now, in words; null or absent where they do. */
  stale?: string | null;
  /** The power at which the smallest visible effect is told. */
  power?: number;
  /** Units by the day of their first exposure, where they were counted. */
  exposures?: DayUnits[];
  /** The shares planned on each day, null on one on which they changed; absent where they never did. */
  plannedByDay?: Record<string, Allocation | null>;
  /** Units by the values of dimensions, where they were counted. */
  splits?: DimensionUnits[];
};

export type Assessment = {
  /** False where the traffic is not split as planned: then every verdict is withheld. */
  isReadable: boolean;
  /** Null where no split is declared or no unit counted. */
  srm: SrmTest | null;
  readiness: Readiness;
  /** One a metric, in their order; null where the metric has no effect. */
  findings: {alias: string; verdict: Verdict | null}[];
  /** What to know before believing it; the gravest first. */
  checks: Check[];
  /** The answer in a sentence or two, in parts; strong parts carry the numbers. */
  summary: SummaryPart[];
};

/** Returns what may be said of an experiment: whether to read it yet, a verdict for every metric, and the answer. */
export function assess(input: AssessInput): Assessment {
  const {scale = "lift", confidence = 0.95} = input;
  const {srm, readiness} = readTraffic(input);
  const isValid = readiness.status !== "invalid";
  const findings = input.metrics.map(({alias, goal, effect}) => ({
    alias,
    verdict: effect && verdict(effect, goal, {scale, isValid})
  }));
  const options = {scale, confidence, isValid};
  const summary = summaryOf(input.treatment, input.metrics, options);
  return {isReadable: isValid, srm, readiness, findings, checks: checklist(input, srm, options), summary};
}
