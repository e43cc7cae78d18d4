// What is looked up for each intent: the calls an agent's model would make.

import {factQuery} from "./facts.js";
import type {IntentName} from "./intents.js";
import type {Situation} from "./understand.js";

export type Call = {name: string; args: Record<string, unknown>};

/** Returns the calls that an intent starts with. */
export function firstCalls(intent: IntentName, situation: Situation): Call[] {
  const {subject, metric, lift, days, question, segment, text} = situation;
  const about = {...(subject ?? {})};
  const queries = [keywords(question)];
  switch (intent) {
    case "create":
      return [
        {name: "search_metrics", args: {queries}},
        {name: "search_experiments", args: {queries}}
      ];
    case "web":
      return [{name: "search_web", args: {query: queries[0]}}];
    case "plan":
      return [
        {
          name: "plan",
          args: {...about, ...metricsOf(metric), ...(lift ? {lift} : {}), ...(days ? {days} : {})}
        }
      ];
    case "segments":
      return segmentCalls(situation);
    case "portfolio":
      return [{name: "list_experiments", args: portfolioArgs(text)}];
    case "conclusion":
      return [
        {name: "assess", args: about},
        {name: "results", args: about}
      ];
    case "results": {
      const reading = {...about, ...(segment ? {segment} : {}), ...readingIn(text)};
      return [
        {name: "assess", args: reading},
        {name: "results", args: {...reading, ...metricsOf(metric)}}
      ];
    }
    case "facts":
      return [{name: "query_database", args: {sql: factQuery(situation)}}];
    case "metric":
      return [{name: "read_metric", args: {metric: metric!.alias}}];
    case "metrics":
      return [{name: "search_metrics", args: {queries}}];
    case "experiment":
      return subject?.experiment
        ? [{name: "read_experiment", args: {experiment: subject.experiment}}]
        : [{name: "assess", args: about}];
    case "docs":
      return [{name: "search_docs", args: {queries: [...new Set([question.slice(0, 190), ...queries])]}}];
    default:
      return [];
  }
}

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

function segmentCalls({subject, metric, segment, dimension}: Situation): Call[] {
  const about = {...(subject ?? {})};
  if (segment && dimension === null)
    return [{name: "results", args: {...about, segment, ...metricsOf(metric)}}];
  return [
    {
      name: "segments",
      args: {...about, ...(dimension ? {dimension} : {}), ...(metric ? {metric: metric.alias} : {})}
    }
  ];
}

function readingIn(text: string) {
  const level = /(\d{2}(?:\.\d+)?)\s?% (?:confidence|interval|ci\b)/.exec(text)?.[1];
  return {
    ...(/\bcuped\b/.test(text) ? {cuped: true} : {}),
    ...(/\bsequential\w*\b|\balways[- ]valid\b/.test(text) ? {sequential: true} : {}),
    ...(/\bholm\b|\bmultiple (testing|comparisons)\b|\bcorrected\b/.test(text) ? {correction: "holm"} : {}),
    ...(/\bbenjamini\b|\bfdr\b/.test(text) ? {correction: "bh"} : {}),
    ...(level && Number(level) > 50 && Number(level) < 100 ? {confidence: Number(level) / 100} : {})
  };
}

function portfolioArgs(text: string) {
  const about = /\b(?:about|on|around|with) (?:the |our )?([\p{L} ]+?)\W*$/u.exec(text)?.[1];
  return about && !/\b(experiments|tests)\b/.test(about) ? {search: about.trim()} : {};
}
