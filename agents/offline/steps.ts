// What is looked up for each intent: the calls an agent's model would make.

import {factQuery} from "./facts.js";
import type {IntentName} from "./intents.js";
import type {Situation} from "./understand.js";

export type Call = {name: string; args: Record<string, unknown>};

type Start = (situation: Situation, queries: string[]) => Call[];

const listAll: Start = () => [{name: "list_experiments", args: {}}];

const starts: Partial<Record<IntentName, Start>> = {
  create: (_, queries) => [
    {name: "search_metrics", args: {queries}},
    {name: "search_experiments", args: {queries}}
  ],
  web: (_, queries) => [{name: "search_web", args: {query: queries[0]}}],
  plan: (situation) => [{name: "plan", args: planArgs(situation)}],
  segments: (situation) =>
    situation.dimension === null && situation.segment ? readingCalls(situation) : [segmentsCall(situation)],
  portfolio: ({text}) => [{name: "list_experiments", args: portfolioArgs(text)}],
  best: listAll,
  splits: listAll,
  split: ({subject}) => [{name: "assess", args: {...subject}}],
  compare: ({subject, others}) =>
    [subject, ...others].slice(0, 4).map((each) => ({name: "assess", args: {...each}})),
  hypothesis: (situation) => [readExperiment(situation), ...readingCalls(situation)],
  conclusion: (situation) => readingCalls({...situation, metric: null}),
  results: (situation) => readingCalls(situation),
  // Of a name that is not there nothing is counted: the tool says what there is.
  facts: (situation) =>
    typeof situation.subject?.experiment === "string"
      ? [readExperiment(situation)]
      : [{name: "query_database", args: {sql: factQuery(situation)}}],
  metric: ({metric}) => [{name: "read_metric", args: {metric: metric!.alias}}],
  metrics: (_, queries) => [{name: "search_metrics", args: {queries}}],
  experiment: (situation) => [readExperiment(situation)],
  docs: ({question}, queries) => [
    {name: "search_docs", args: {queries: [...new Set([question.slice(0, 190), ...queries])]}}
  ]
};

/** Returns the calls that an intent starts with. */
export const firstCalls = (intent: IntentName, situation: Situation): Call[] =>
  starts[intent]?.(situation, [keywords(situation.question)]) ?? [];

const readExperiment = ({experiment, subject}: Situation): Call => ({
  name: "read_experiment",
  args: {experiment: experiment?.id ?? subject?.experiment ?? `of observation ${subject?.observation}`}
});

// Words that every question about a thing has, and that no text is found by.
const keywords = (question: string) =>
  question
    .replace(
      /\b(metrics?|which|is there|about|compute[ds]?|calculated|defined?|work|expanto|explain)\b|[?!.]/gi,
      " "
    )
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 190) || question.slice(0, 190);

const metricsOf = (metric: Situation["metric"]) => (metric ? {metrics: [metric.alias]} : {});

// Each treatment that is named is read by itself.
function readingCalls(situation: Situation): Call[] {
  const {subject, metric, segment, treatments} = situation;
  const reading = {...(subject ?? {}), ...(segment ? {segment} : {}), ...readingIn(situation)};
  const first = treatments.length ? {treatment: treatments[0]} : {};
  return [
    {name: "assess", args: {...reading, ...first}},
    {name: "results", args: {...reading, ...first, ...metricsOf(metric)}},
    ...treatments
      .slice(1, 4)
      .map((treatment) => ({name: "results", args: {...reading, treatment, ...metricsOf(metric)}}))
  ];
}

function segmentsCall(situation: Situation): Call {
  const {subject, metric, dimension, treatments} = situation;
  const treatment = treatments.at(0);
  return {
    name: "segments",
    args: {
      ...(subject ?? {}),
      ...(treatment ? {treatment} : {}),
      ...readingIn(situation),
      ...(dimension ? {dimension} : {}),
      ...(metric ? {metric: metric.alias} : {})
    }
  };
}

// On the Planner, what it plans from needs no name.
function planArgs({subject, isNamed, page, metric, lift, days, power, confidence, text}: Situation) {
  const isShown = page.path.startsWith("/planner") && !isNamed;
  return {
    ...(isShown ? {} : subject),
    ...metricsOf(metric),
    ...(lift ? {lift} : {}),
    ...(days ? {days} : {}),
    ...(power ? {power} : {}),
    ...(confidence ? {confidence} : {}),
    ...(/\bcuped\b/.test(text) ? {cuped: true} : {}),
    ...(/\bsequential\w*\b|\balways[- ]valid\b/.test(text) ? {sequential: true} : {})
  };
}

function readingIn({text, confidence}: Situation) {
  return {
    ...(/\bcuped\b/.test(text) ? {cuped: !/\b(without|no) cuped\b/.test(text)} : {}),
    ...(/\bsequential\w*\b|\balways[- ]valid\b/.test(text) ? {sequential: true} : {}),
    ...(/\bholm\b|\bmultiple (testing|comparisons)\b|\bcorrected\b/.test(text) ? {correction: "holm"} : {}),
    ...(/\bbenjamini\b|\bfdr\b/.test(text) ? {correction: "bh"} : {}),
    ...(/\ball (units|users|visitors|segments|platforms|countries)\b/.test(text) ? {segment: {}} : {}),
    ...(confidence ? {confidence} : {})
  };
}

function portfolioArgs(text: string) {
  const about = /\b(?:about|on|around|with) (?:the |our )?([\p{L} ]+?)\W*$/u.exec(text)?.[1];
  return about && !/\b(experiments|tests)\b/.test(about) ? {search: about.trim()} : {};
}
