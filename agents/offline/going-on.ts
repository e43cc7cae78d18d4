// A question that goes on from the one before: "for express?", "and on iOS?", "with 90% power".

import {intentOf, type Intent} from "./intents.js";
import type {Situation} from "./understand.js";

export type Understood = {situation: Situation; intent: Intent};

const opening =
  /^\W*(and|what about|how about|then|also|but|only|now|same|why|really|what if|for|on|in|at|with|without)\b/;

/** Returns whether a question may lean on the one before. */
export const goesOn = ({before, text}: Situation) =>
  before !== null && opening.test(text.trim()) && text.split(/\s+/).length < 9;

const alone = ["greeting", "unclear", "model", "docs", "refuse", "secret", "create"];
const weak = ["docs", "unclear", "metric", "results", "plan", "segments"];

/** Returns what a question asks for; one that goes on from another keeps its intent, and what it does not say anew. */
export function leaning(situation: Situation, earlier: Understood | null): Understood {
  const intent = intentOf(situation);
  if (!earlier || !weak.includes(intent.name) || alone.includes(earlier.intent.name))
    return {situation, intent};
  if (earlier.intent.name === "facts")
    return {situation: {...situation, text: `${situation.before} ${situation.text}`}, intent: earlier.intent};
  const together = joined(situation, earlier.situation);
  if (intent.name === "plan") return {situation: together, intent};
  const isStill = ["results", "segments", "compare"].includes(earlier.intent.name);
  const asksSplit = isStill && together.dimension !== null;
  if (asksSplit) return {situation: together, intent: {name: "segments", agent: "analyst"}};
  return {
    situation: together,
    intent: isStill ? {name: "results", agent: "analyst"} : earlier.intent
  };
}

function joined(now: Situation, before: Situation): Situation {
  const {metric, lift, days, power} = before;
  const isSilent = now.unknown === null;
  const kept = {
    ...now,
    metric: now.metric ?? (isSilent ? metric : null),
    lift: now.lift ?? lift,
    days: now.days ?? days,
    power: now.power ?? power,
    confidence: now.confidence ?? before.confidence
  };
  if (now.isNamed) return kept;
  const {subject, experiment, isNamed} = before.isNamed ? before : now;
  if (experiment?.id !== before.experiment?.id) return kept;
  const isSliced = now.segment !== null || now.dimension !== null;
  return {
    ...kept,
    subject,
    experiment,
    isNamed,
    treatments: now.treatments.length ? now.treatments : before.treatments,
    segment: isSliced ? now.segment : before.segment
  };
}
