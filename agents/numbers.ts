// Where the numbers of an answer come from: each must be a rounding of one that a tool returned in this turn.

import type {NumberUse} from "./types.js";

/** A number somewhere in a result; metric where its row names one. */
export type Source = {
  call: string;
  path: string;
  value: number;
  metric: string | null;
  /** A share written as a percentage already, as SQL may return it. */
  isPercent: boolean;
  /** Rounded in a text of the result already. */
  isWritten: boolean;
};

export type SourceOptions = {
  /** Whether shares may come as percentages. */
  isPercent?: boolean;
  /** Titles of metrics by alias: a sentence that names one tells whose its numbers are. */
  titles?: Record<string, string>;
};

/** Returns every number of a value with its path; texts give the numbers that are written in them. */
export function sourcesOf(
  value: unknown,
  call: string,
  {isPercent = false, titles = {}}: SourceOptions = {}
): Source[] {
  const found: Source[] = [];
  const add = (value: number, path: string, metric: string | null, isWritten = false) =>
    found.push({call, path, value, metric, isPercent, isWritten});
  const walk = (value: unknown, path: string, metric: string | null) => {
    if (typeof value === "number" && Number.isFinite(value)) add(value, path, metric);
    else if (typeof value === "string")
      for (const n of numbersIn(value)) {
        const named = metricsNamed(sentenceAt(value, n.at), titles);
        add(shareOf(n), path, named.length === 1 ? named[0] : metric, true);
      }
    else if (Array.isArray(value)) {
      add(value.length, path ? `number of ${path}` : "number of rows", metric);
      value.forEach((each, i) => walk(each, `${path}[${i}]`, metric));
    } else if (value && typeof value === "object") {
      const own = "metric" in value && typeof value.metric === "string" ? value.metric : metric;
      for (const [name, each] of Object.entries(value)) walk(each, path ? `${path}.${name}` : name, own);
    }
  };
  walk(value, "", null);
  return found;
}

const shareOf = ({value, sign, isPercent}: Written) =>
  ((sign === "−" ? -1 : 1) * value) / (isPercent ? 100 : 1);

/** A number as it is written: decimals tell how far it was rounded; sign is null where none is written. */
type Written = {
  at: number;
  text: string;
  value: number;
  sign: "+" | "−" | null;
  decimals: number;
  isPercent: boolean;
  isAbout: boolean;
};

const digits = String.raw`\d{1,3}(?:[,  ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+`;
const power = String.raw`(?:\s?[×x]\s?10\^?([-−]?\d+)|e([-+]?\d+))?`;
const unit = String.raw`(?:\s?(%|percent\b|pp\b|percentage points?\b|k\b|million\b|thousand\b))?`;
const written = new RegExp(String.raw`(?<![\w.,/#])([-+−]?)(${digits})${power}${unit}(?![\w])`, "gi");
const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const counted =
  /\b(zero|one|two|three|four|five|six|seven|eight|nine|ten) (?=(?:\w+ )?(?:experiments?|observations?|jobs?|metrics?|variants?|guardrails?|units|days|weeks|users|rows)\b)/gi;
const about = /(?:[~≈<>≤≥]\s?|\b(?:about|over|under|below|above|nearly|around|almost|roughly) )$/i;

/** Returns the numbers a reader would check: none in code, links, dates, names or the numbering of lists. */
export function numbersIn(text: string): Written[] {
  const read = withoutNames(text);
  const found = [...read.matchAll(written)].map((match) => readNumber(match, read));
  for (const match of read.matchAll(counted))
    found.push({
      at: match.index,
      text: match[1],
      value: words.indexOf(match[1].toLowerCase()),
      sign: null,
      decimals: 0,
      isPercent: false,
      isAbout: false
    });
  return found.sort((a, b) => a.at - b.at);
}

function readNumber(match: RegExpMatchArray, read: string): Written {
  const [text, sign, digits, times, exponent, unit = ""] = match;
  const plain = digits.replace(/[,  ]/g, "");
  const scale = {k: 3, thousand: 3, million: 6}[unit.toLowerCase()] ?? 0;
  const shift = Number((times ?? exponent ?? "0").replace("−", "-")) + scale;
  return {
    at: match.index!,
    text: text.trim(),
    value: Number(plain) * 10 ** shift,
    sign: sign === "+" ? "+" : sign ? "−" : null,
    decimals: (plain.split(".")[1] ?? "").length - shift,
    isPercent: /^(%|percent|pp)/i.test(unit),
    isAbout: about.test(read.slice(Math.max(0, match.index! - 12), match.index))
  };
}

const months = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const names = [
  /```[\s\S]*?(?:```|$)/g,
  /`[^`\n]*`/g,
  /\]\([^)]*\)/g,
  /https?:\/\/\S+/g,
  /^\s*(?:#+\s*)?\d+[.)]\s/gm,
  /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z| UTC)?/g,
  new RegExp(String.raw`\b${months}\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?\b`, "gi"),
  new RegExp(String.raw`\b\d{1,2}(?:–\d{1,2})? ${months}\.?(?:,? \d{4})?\b`, "gi")
];

// Blanks of the same length keep places what they are.
const withoutNames = (text: string) =>
  names.reduce((read, name) => read.replace(name, (found) => " ".repeat(found.length)), text);

/** Returns every number of an answer with the result it is a rounding of; in a sentence that names metrics, only theirs count. */
export function checkNumbers(
  answer: string,
  sources: Source[],
  titles: Record<string, string> = {}
): NumberUse[] {
  return numbersIn(answer).map((number): NumberUse => {
    const {at, text} = number;
    const named = metricsNamed(sentenceAt(answer, at), titles);
    const hits = sources.filter((source) => isRoundingOf(number, source));
    const own = named.length ? hits.filter(({metric}) => metric === null || named.includes(metric)) : hits;
    const exact = own.filter(({isWritten}) => !isWritten);
    const best = exact.length ? exact : own;
    const hit = best.find(({metric}) => metric !== null) ?? best.at(0);
    if (hit) return {at, text, source: {call: hit.call, path: hit.path, value: hit.value}, why: null};
    const other = hits.at(0)?.metric;
    const why = other ? `that number is of ${titles[other] ?? other}` : "no tool returned this number";
    return {at, text, source: null, why};
  });
}

function sentenceAt(text: string, at: number): string {
  const from = Math.max(text.lastIndexOf("\n", at), text.lastIndexOf(". ", at - 1) + 1) + 1;
  const ends = [text.indexOf("\n", at), text.indexOf(". ", at)].filter((end) => end >= 0);
  return text.slice(Math.max(0, from - 1), Math.min(text.length, ...ends)).toLowerCase();
}

function metricsNamed(sentence: string, titles: Record<string, string>): string[] {
  return Object.entries(titles)
    .filter(
      ([alias, title]) => sentence.includes(alias.toLowerCase()) || sentence.includes(title.toLowerCase())
    )
    .map(([alias]) => alias);
}

// A small whole number is no rounding of 3.4 unless the answer says "about".
function isRoundingOf(number: Written, {value, isPercent}: Source): boolean {
  const {decimals, sign, isAbout} = number;
  if (sign && value !== 0 && value < 0 !== (sign === "−")) return false;
  if (number.isPercent)
    return (
      isClose(number.value, value * 100, decimals) || (isPercent && isClose(number.value, value, decimals))
    );
  if (isAbout && number.value <= 0.05 && value > 0 && value < number.value) return true;
  if (decimals === 0 && number.value < 100 && !Number.isInteger(value))
    return isAbout && isClose(number.value, value, 0);
  return isClose(number.value, value, decimals);
}

function isClose(a: number, b: number, decimals: number): boolean {
  return Math.abs(Math.abs(a) - Math.abs(b)) <= (10 ** -decimals / 2) * (1 + 1e-7) + 1e-12;
}
