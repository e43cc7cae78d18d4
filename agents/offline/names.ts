// What a question names: experiments, metrics, variants, segments; and what it names that is not there.

import {nearest} from "../../lib/errors.js";
import {isOrdinary, isSameWord, plain, slips} from "./words.js";

/** The names there are, as a model would have learned them. */
export type Known = {
  experiments: {
    id: number;
    name: string;
    observations: number[];
    metrics: string[];
    control: string | null;
    treatments: string[];
  }[];
  metrics: {alias: string; title: string}[];
  /** The values of an experiment's dimensions. */
  valuesOf: (experiment: number) => {dimension: string; value: string}[];
};

/** What a question is about; an experiment that is not there goes by the name it was given. */
export type Subject = {observation?: number; experiment?: number | string};

export type Named = {subject: Subject; words: string};

/** Returns the experiments and observations a text names, in no order; one that is misspelt where it names no other. */
export function experimentsIn(text: string, {experiments}: Known): Named[] {
  const observation = /\bobservation (?:#|no\.? |number )?(\d+)\b/.exec(text);
  if (observation) return [{subject: {observation: Number(observation[1])}, words: observation[0]}];
  const numbered = /\b(?:experiment|test) (?:#|no\.? |number )?(\d+)\b/.exec(text);
  if (numbered) return [{subject: {experiment: Number(numbered[1])}, words: numbered[0]}];
  let rest = plain(text);
  const found: Named[] = [];
  for (const {id, name} of experiments.toSorted((a, b) => b.name.length - a.name.length)) {
    if (!rest.includes(plain(name))) continue;
    found.push({subject: {experiment: id}, words: plain(name).trim()});
    rest = rest.replace(plain(name), " ");
  }
  if (found.length) return found;
  const near = experiments.flatMap(({id, name}) => {
    const words = misspelt(plain(text), plain(name));
    return words === null ? [] : [{subject: {experiment: id}, words}];
  });
  if (near.length === 1) return near;
  return partlyNamed(plain(text), experiments);
}

// The first two words or more of one experiment's name, such as "Delivery date" of "Delivery date on product page".
function partlyNamed(asked: string, experiments: Known["experiments"]): Named[] {
  const found = experiments.flatMap(({id, name}) => {
    const parts = plain(name).trim().split(" ");
    for (let n = parts.length - 1; n >= 2; n--) {
      const words = parts.slice(0, n).join(" ");
      if (asked.includes(` ${words} `) && parts.slice(0, n).some((part) => !isOrdinary(part)))
        return [{subject: {experiment: id}, words}];
    }
    return [];
  });
  return found.length === 1 ? found : [];
}

// The words that stand for a name of two words or more, one slip allowed in each; null where one of them is missing.
function misspelt(asked: string, name: string): string | null {
  const words = asked.trim().split(" ");
  const parts = name.trim().split(" ");
  const isMeant = (word: string, part: string) =>
    word === part || (part.length > 4 && nearest(word, [part]) !== null && slips(word, part) <= 1);
  const found = parts.map((part) => words.find((word) => isMeant(word, part)));
  return parts.length > 1 && found.every((word) => word !== undefined) ? found.join(" ") : null;
}

/** Returns the name a question gives to an experiment that there is not, or null. */
export function unknownExperimentIn(question: string, known: Known): string | null {
  const calls = [
    /\b(?:the|of|did|does|is|was|for|about|our|show) ((?:[\p{L}\p{N}'’&-]+ ){1,6}?)(?:experiment|a\/b test|ab test|test(?= (?:show|work|do|find|end|start|win|run)|\W*$))\b/iu,
    /(?<=[\p{Ll},] )((?:\p{Lu}[\p{L}'’-]*)(?: (?:\p{Lu}|\d)[\p{L}\p{N}'’-]*)+)/u
  ];
  for (const call of calls) {
    const words = call.exec(question)?.[1].trim().split(/\s+/) ?? [];
    const isName = (word: string) =>
      !isOrdinary(word.toLowerCase()) &&
      !status.test(word) &&
      !abbreviation.test(word) &&
      !metricIn(word, known, null);
    const first = words.findIndex(isName);
    if (first >= 0) return words.slice(first).join(" ");
  }
  return null;
}

const status =
  /^(running|completed|planned|paused|cancelled|newest|oldest|longest|recent|current|previous|whole|entire|expanto|kind|bigquery|snowflake|postgres)$/i;
const abbreviation = /^[A-Z]{2,}s?$/;

/** Returns the experiment a subject means, where it is known. */
export const experimentOf = (subject: Subject | null, {experiments}: Known) =>
  experiments.find(
    ({id, observations}) => id === subject?.experiment || observations.includes(subject?.observation ?? 0)
  ) ?? null;

/** Returns the variants of an experiment that a text names: treatments, and whether the control. */
export function variantsIn(text: string, experiment: ReturnType<typeof experimentOf>) {
  const asked = plain(text);
  const isNamed = (name: string | null) => name !== null && asked.includes(plain(name));
  const treatments = experiment?.treatments.filter(isNamed) ?? [];
  return {treatments, hasControl: isNamed(experiment?.control ?? null)};
}

/** Returns every word that a name holds: such a word is no slip. */
export const wordsOfNames = ({experiments, metrics}: Known): Set<string> =>
  new Set(
    [
      ...experiments.flatMap(({name, control, treatments}) => [name, control ?? "", ...treatments]),
      ...metrics.map(({title}) => title)
    ].flatMap((name) => plain(name).trim().split(" "))
  );

const vague = new Set(
  "a per user users rate share the of and with who to all mean metric metrics value average number time total results days unit sample".split(
    " "
  )
);

type Metric = Known["metrics"][number];

const ownWords = ({title}: Metric) =>
  plain(title)
    .trim()
    .split(" ")
    .filter((word) => !vague.has(word));

/** Returns the metric a text names: by its alias or title, or by the words of its title. */
export function metricIn(text: string, known: Known, subject: Subject | null): Metric | null {
  const {metrics} = known;
  const decided = experimentOf(subject, known);
  const asked = plain(text);
  const whole = metrics
    .filter(({alias, title}) => asked.includes(plain(title)) || asked.includes(plain(alias)))
    .sort((a, b) => b.title.length - a.title.length);
  if (whole.length) return whole[0];
  const words = asked.trim().split(" ");
  const scored = metrics.map((metric) => {
    const own = ownWords(metric);
    const hits = words.filter((word) => own.some((part) => isSameWord(word, part)));
    const isOwn = decided?.metrics.includes(metric.alias) ? 1 : 0;
    return {metric, hits: hits.length, score: hits.length + isOwn + hits.length / (own.length + 1)};
  });
  const best = scored.filter(({hits}) => hits > 0).sort((a, b) => b.score - a.score);
  return best.at(0)?.metric ?? null;
}

/**
 * Returns the longest run of words of a text that name nothing there is, such as a metric nobody defined; or null. A word
 * by itself counts only where a name would stand.
 */
export function unknownIn(text: string, metric: Metric | null): string | null {
  const own = metric ? [...ownWords(metric), ...plain(metric.alias).trim().split(" ")] : [];
  const runs: string[][] = [[]];
  for (const word of plain(text).trim().split(" ")) {
    const isHit = own.some((part) => isSameWord(word, part));
    const isStrange = !isHit && !isOrdinary(word);
    const isPart = isStrange || isHit || (runs.at(-1)!.length > 0 && vague.has(word) && word.length > 3);
    if (isPart) runs.at(-1)!.push(word);
    else runs.push([]);
  }
  const strangers = (run: string[]) =>
    run.filter((word) => !own.some((part) => isSameWord(word, part)) && !isOrdinary(word)).length;
  const lacking = runs.filter((run) => strangers(run) >= Math.max(1, run.length / 2));
  const isName = (run: string[]) =>
    run.length > 1 ||
    new RegExp(`\\b(?:about|for|on|in|of|did|is|was|does|to) (?:the )?${run[0]} `).test(plain(text));
  const longest = lacking
    .filter(isName)
    .sort((a, b) => strangers(b) - strangers(a))
    .at(0);
  return longest?.join(" ") ?? null;
}
