// What a question is about, by rules: the experiment, the metric, the variant, the lift, the segment it names, or those of before.

import {readAsked} from "../page-data.js";
import type {Message, PageContext} from "../types.js";
import {
  experimentOf,
  experimentsIn,
  metricIn,
  unknownExperimentIn,
  unknownIn,
  variantsIn,
  wordsOfNames,
  type Known,
  type Subject
} from "./names.js";
import {slicesIn} from "./segments-named.js";
import {isEnglish, mended, plain} from "./words.js";

export type Situation = {
  question: string;
  /** The question in lower case, its misspelt key words mended. */
  text: string;
  page: PageContext;
  /** Named in the question; else that of the page; else that of the conversation. */
  subject: Subject | null;
  isNamed: boolean;
  /** The experiment that is meant, where it is known. */
  experiment: ReturnType<typeof experimentOf>;
  /** Further experiments that are named. */
  others: Subject[];
  metric: {alias: string; title: string} | null;
  /** The metric that is nearest to what is not known. */
  nearest: {alias: string; title: string} | null;
  /** Words that name nothing there is. */
  unknown: string | null;
  treatments: string[];
  hasControl: boolean;
  lift: number | null;
  days: number | null;
  power: number | null;
  confidence: number | null;
  dimension: string | null;
  segment: Record<string, string> | null;
  /** The question before, where this one goes on from it. */
  before: string | null;
  isEnglish: boolean;
};

/** Returns what the last question of a conversation is about. */
export function understand(messages: Message[], known: Known): Situation {
  const asked = messages.filter((message) => message.role === "user").map(({content}) => readAsked(content));
  const {question, page} = asked.at(-1)!;
  const text = mended(question.toLowerCase(), wordsOfNames(known));
  const {isStrange, rest, ...about} = aboutIn({question, text, page}, messages, known);
  const {experiment, subject} = about;
  const variants = variantsIn(rest, experiment);
  const slices = slicesIn(question, text, experiment ? known.valuesOf(experiment.id) : []);
  const {dimension, segment} = slices;
  const control = experiment?.control ?? "";
  const names = [...variants.treatments, control, ...Object.entries(segment ?? {}).flat(), dimension ?? ""];
  const measured = metricsIn(rest, names, {known, subject});
  return {
    question,
    text,
    page,
    ...about,
    ...measured,
    unknown: isStrange ? null : measured.unknown,
    ...variants,
    ...slices,
    ...levelsIn(text),
    lift: liftIn(text),
    days: Number(/(\d+)[ -]days?\b/.exec(text)?.[1]) || null,
    before: asked.at(-2)?.question.toLowerCase() ?? null,
    isEnglish: isEnglish(question)
  };
}

type Asked = Pick<Situation, "question" | "text" | "page">;

// The experiment that is meant, and what is left of the question without its name.
function aboutIn({question, text, page}: Asked, messages: Message[], known: Known) {
  const found = experimentsIn(text, known);
  const stranger = found.length ? null : unknownExperimentIn(question, known);
  const named = found.at(0)?.subject ?? (stranger === null ? null : {experiment: stranger});
  const subject = named ?? subjectOfPage(page) ?? subjectBefore(messages, known);
  return {
    subject,
    isNamed: named !== null,
    isStrange: stranger !== null,
    experiment: experimentOf(subject, known),
    others: found.slice(1).map((each) => each.subject),
    rest: without(plain(text), [...found.map(({words}) => words), stranger ?? ""])
  };
}

type Naming = {known: Known; subject: Subject | null};

// A metric that shares a word with a name that is not there is not what was named.
function metricsIn(text: string, names: string[], {known, subject}: Naming) {
  const rest = without(text, names);
  const own = metricIn(rest, known, subject);
  const unknown = unknownIn(rest, own);
  const isWhole = own !== null && [own.title, own.alias].some((name) => text.includes(plain(name)));
  const isMeant = isWhole || unknown === null || metricIn(unknown, known, subject) === null;
  return {metric: isMeant ? own : null, nearest: isMeant ? null : own, unknown};
}

const without = (text: string, names: string[]) =>
  names.reduce((rest, name) => (name ? rest.replace(plain(name), " ") : rest), text);

function subjectOfPage({path, search}: PageContext): Subject | null {
  const observation = /^\/results\/(\d+)/.exec(path)?.[1];
  if (observation) return {observation: Number(observation)};
  const asked = new URLSearchParams(search);
  const named = asked.get("observation") ? "observation" : "experiment";
  const id = Number(asked.get(named) ?? asked.get("from") ?? NaN);
  if (!(id > 0)) return null;
  return path.startsWith("/planner") || named === "observation" ? {observation: id} : {experiment: id};
}

function subjectBefore(messages: Message[], known: Known): Subject | null {
  for (const message of messages.toReversed()) {
    if (message.role === "user") {
      const {question} = readAsked(message.content);
      const named = experimentsIn(question.toLowerCase(), known).at(0);
      if (named) return named.subject;
    }
    if (message.role !== "assistant") continue;
    for (const {arguments: text} of message.calls) {
      const {observation, experiment} = JSON.parse(text) as Subject;
      if (observation !== undefined || experiment !== undefined) return {observation, experiment};
    }
  }
  return null;
}

const share = (text?: string) => (text && Number(text) > 0 && Number(text) < 100 ? Number(text) / 100 : null);

function levelsIn(text: string): Pick<Situation, "power" | "confidence"> {
  const power =
    /(\d+(?:\.\d+)?)\s?(?:%|percent) power/.exec(text) ??
    /\bpower (?:of |at |is )?(\d+(?:\.\d+)?)\s?%/.exec(text);
  const confidence =
    /(\d+(?:\.\d+)?)\s?(?:%|percent) (?:confidence|intervals?|ci\b|level)/.exec(text) ??
    /\b(?:confidence|intervals?|ci|level)\b[^%\d]{0,30}?(\d+(?:\.\d+)?)\s?(?:%|percent)/.exec(text) ??
    /\bat (9\d(?:\.\d+)?)\s?(?:%|percent)(?! power)/.exec(text);
  const level = share(confidence?.[1]);
  return {power: share(power?.[1]), confidence: level !== null && level > 0.5 ? level : null};
}

function liftIn(text: string): number | null {
  const found = /(\d+(?:\.\d+)?)\s?(?:%|percent)/.exec(
    text.replace(
      /\b\d+(?:\.\d+)?\s?% (?:confidence|power|interval)|\b(?:power|confidence) (?:of |at )?\d+(?:\.\d+)?\s?%|\bat 9\d(?:\.\d+)?\s?%/g,
      ""
    )
  );
  const lift = found ? Number(found[1]) / 100 : NaN;
  return lift > 0 && lift <= 5 ? lift : null;
}
