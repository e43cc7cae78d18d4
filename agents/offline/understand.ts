// What a question is about, by rules: the experiment, the metric, the lift, the segment it names, or those of before.

import {nearest} from "../../lib/errors.js";
import {readAsked} from "../page-data.js";
import type {Message, PageContext} from "../types.js";

/** The names there are, as a model would have learned them. */
export type Known = {
  experiments: {id: number; name: string; observations: number[]; metrics: string[]}[];
  metrics: {alias: string; title: string}[];
};

export type Subject = {observation?: number; experiment?: number};

export type Situation = {
  question: string;
  /** The question in lower case, its misspelt key words mended. */
  text: string;
  page: PageContext;
  /** Named in the question; else that of the page; else that of the conversation. */
  subject: Subject | null;
  isNamed: boolean;
  metric: {alias: string; title: string} | null;
  lift: number | null;
  days: number | null;
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
  const text = mended(question.toLowerCase());
  const found = experimentIn(text, known);
  const named = found?.subject ?? null;
  const subject = named ?? subjectOfPage(page) ?? subjectBefore(messages, known);
  const own = metricIn(found ? text.replace(found.words, " ") : text, known, subject);
  const segment = segmentIn(text);
  return {
    question,
    text,
    page,
    subject,
    isNamed: named !== null,
    metric: own,
    lift: liftIn(text),
    days: Number(/(\d+)[ -]days?\b/.exec(text)?.[1] ?? NaN) || null,
    dimension: dimensionIn(text),
    segment,
    before: asked.at(-2)?.question.toLowerCase() ?? null,
    isEnglish: isEnglish(question)
  };
}

const keyWords =
  "experiment experiments observation observations results result metric metrics significant conversion revenue guardrail guardrails segment segments country platform running completed planned failed confidence interval hypothesis analyse analyze conclusion calculate calculation sample ratio mismatch variant variants control treatment planner duration longest improve increase trust believe".split(
    " "
  );

// One slip in a long word is mended; what is a word already is left alone.
function mended(text: string): string {
  return text.replace(/[a-z]{6,}/g, (word) => {
    if (keyWords.includes(word)) return word;
    const near = nearest(word, keyWords);
    const isNear = near !== null && Math.abs(near.length - word.length) <= 1 && near[0] === word[0];
    return isNear && slips(word, near) <= 2 ? near : word;
  });
}

// Letters of one word that the other does not have.
function slips(a: string, b: string): number {
  const left = [...b];
  for (const letter of a) {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
  }
  return left.length + Math.max(0, a.length - b.length);
}

const plain = (text: string) =>
  ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;

type Named = {subject: Subject; words: string};

function experimentIn(text: string, {experiments}: Known): Named | null {
  const observation = /\bobservation (?:#|no\.? |number )?(\d+)\b/.exec(text);
  if (observation) return {subject: {observation: Number(observation[1])}, words: observation[0]};
  const numbered = /\b(?:experiment|test) (?:#|no\.? |number )?(\d+)\b/.exec(text);
  if (numbered) return {subject: {experiment: Number(numbered[1])}, words: numbered[0]};
  const asked = plain(text);
  const named = experiments
    .filter(({name}) => asked.includes(plain(name)))
    .sort((a, b) => b.name.length - a.name.length);
  if (named.length) return {subject: {experiment: named[0].id}, words: named[0].name.toLowerCase()};
  const near = experiments.filter(({name}) => isMisspelt(asked, plain(name)));
  return near.length === 1 ? {subject: {experiment: near[0].id}, words: ""} : null;
}

// Every word of a name of two words or more stands in the question, one slip allowed in each.
function isMisspelt(asked: string, name: string): boolean {
  const words = asked.trim().split(" ");
  const parts = name.trim().split(" ");
  return (
    parts.length > 1 &&
    parts.every((part) =>
      words.some(
        (word) =>
          word === part || (part.length > 4 && nearest(word, [part]) !== null && slips(word, part) <= 1)
      )
    )
  );
}

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
      const named = experimentIn(question.toLowerCase(), known);
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

const vague = new Set(
  "a per user users rate share the of and with who to all mean metric metrics value average number time total results days unit sample".split(
    " "
  )
);

/** Returns the metric a text names: by its alias or title, or by the words of its title. */
export function metricIn(
  text: string,
  {metrics, experiments}: Known,
  subject: Subject | null
): Known["metrics"][number] | null {
  const decided = experiments.find(
    ({id, observations}) => id === subject?.experiment || observations.includes(subject?.observation ?? 0)
  );
  const asked = plain(text);
  const whole = metrics
    .filter(({alias, title}) => asked.includes(plain(title)) || asked.includes(plain(alias)))
    .sort((a, b) => b.title.length - a.title.length);
  if (whole.length) return whole[0];
  const words = asked.trim().split(" ");
  const scored = metrics.map((metric) => {
    const own = plain(metric.title)
      .trim()
      .split(" ")
      .filter((word) => !vague.has(word));
    const hits = words.filter((word) => own.some((part) => isSameWord(word, part)));
    const isOwn = decided?.metrics.includes(metric.alias) ? 1 : 0;
    return {metric, hits: hits.length, score: hits.length + isOwn + hits.length / (own.length + 1)};
  });
  const best = scored.filter(({hits}) => hits > 0).sort((a, b) => b.score - a.score);
  return best.at(0)?.metric ?? null;
}

function isSameWord(word: string, part: string): boolean {
  if (word === part || word === `${part}s` || `${word}s` === part) return true;
  return part.length > 5 && word.length > 5 && nearest(word, [part]) !== null && slips(word, part) <= 2;
}

function liftIn(text: string): number | null {
  const found = /(\d+(?:\.\d+)?)\s?(?:%|percent)/.exec(
    text.replace(/\b\d+(?:\.\d+)?\s?% (?:confidence|power|interval)/g, "")
  );
  const lift = found ? Number(found[1]) / 100 : NaN;
  return lift > 0 && lift <= 5 ? lift : null;
}

const platforms = ["ios", "android", "web", "desktop", "mobile"];

function dimensionIn(text: string): string | null {
  const named =
    /\b(?:by|per|across|every|each|between|in all|all)\s+(country|countries|platforms?|segments?|device|day)\b/.exec(
      text
    )?.[1];
  if (named) return {countries: "country", platforms: "platform", segments: "", segment: ""}[named] ?? named;
  return null;
}

function segmentIn(text: string): Record<string, string> | null {
  const platform = platforms.find((name) =>
    new RegExp(`\\b(?:on|for|in|about|only|and) (?:the )?${name}\\b`).test(text)
  );
  if (platform) return {platform};
  const country =
    /\b(?:in|for|about|only|country) (de|us|uk|gb|fr|br|in|pl|es|it|germany|france|brazil|poland|spain|italy)\b/.exec(
      text
    )?.[1];
  const codes: Record<string, string> = {
    germany: "DE",
    france: "FR",
    brazil: "BR",
    poland: "PL",
    spain: "ES",
    italy: "IT"
  };
  return country ? {country: codes[country] ?? country.toUpperCase()} : null;
}

const foreign =
  /(?<!\p{L})(wie|viele|welche|warum|zeig|und|nicht|wurde|cuántos?|cuántas|qué|cómo|por|muestra|combien|quel|quelle|pourquoi|comment|est-ce|quanti|quali|perché|ile|który|dlaczego|quantos|quais)(?!\p{L})/iu;

function isEnglish(question: string): boolean {
  const letters = question.match(/\p{L}/gu) ?? [];
  const latin = question.match(/\p{Script=Latin}/gu) ?? [];
  if (latin.length < letters.length * 0.7) return false;
  return !foreign.test(question);
}
