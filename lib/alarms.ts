// What somebody should be told of a running experiment before they look: a job that failed, a split or a guardrail that did.

import {controlOf, variantsOf} from "./stats/variants.js";
import {assessmentOf, findingsOf, readingOfDefaults, unitsOf, type Finding} from "./stats/analysis.js";
import {confidenceOf, lift, inSentence} from "./stats/format.js";
import type {Instant} from "./types.js";
import type {ResultsView} from "./view-types.js";

export type Alarm = {
  reason: "job" | "split" | "guardrail";
  experiment: {id: number; name: string};
  observation: {id: number; name: string};
  /** Null where none could be begun. */
  job: number | null;
  /** What is wrong, in a sentence. */
  failed: string;
  /** The same for the same trouble, whatever job shows it. */
  key: string;
};

/** Returns what is wrong with the numbers of an observation's newest completed job. */
export function alarmsOf(view: ResultsView, now: Instant): Alarm[] {
  if (!view.job) return [];
  const {srm, readiness} = assessmentOf(view, new Date(now));
  if (srm?.isMismatch) return [alarm(view, "split", readiness.sentence)];
  return failedGuardrails(view).map((finding) =>
    alarm(view, "guardrail", worse(finding, view), `${finding.metric.alias} ${finding.treatment}`)
  );
}

/** Returns the alarm of an observation that could not be calculated. */
export function alarmOfFailure(
  view: Pick<ResultsView, "experiment" | "observation" | "job">,
  error: string
): Alarm {
  // Times and numbers of rows may differ each night; the trouble is the same.
  return alarm(view, "job", error, error.replace(/\d+/g, "#"));
}

function alarm(
  {experiment, observation, job}: Pick<ResultsView, "experiment" | "observation" | "job">,
  reason: Alarm["reason"],
  failed: string,
  subject = ""
): Alarm {
  return {
    reason,
    experiment: {id: experiment.id, name: experiment.name},
    observation: {id: observation.id, name: observation.name},
    job: job?.id ?? null,
    failed,
    key: [observation.id, reason, subject].join(" ").trim()
  };
}

// Looked at every night: only an interval that holds at every look keeps its promise.
function failedGuardrails(view: ResultsView): Finding[] {
  const {experiment, metrics, defaults} = view;
  const control = controlOf(experiment);
  if (control === null) return [];
  const treatments = variantsOf(experiment, unitsOf(view)).filter((name) => name !== control);
  const reading = {...readingOfDefaults(defaults), nStar: defaults.sequentialUnits};
  const findings = findingsOf(metrics, {control, treatments, scale: "relative", isValid: true, ...reading});
  return findings.flat().filter(({metric, verdict}) => metric.role === "guardrail" && verdict === "worse");
}

function worse({metric, treatment, effect}: Finding, {defaults}: ResultsView): string {
  const {value, low, high} = effect!.lift;
  const interval = `always-valid ${confidenceOf(defaults.confidence)} interval ${lift(low)} to ${lift(high)}`;
  return `The guardrail ${inSentence(metric.title)} is worse in ${treatment}: ${lift(value)} (${interval}).`;
}
