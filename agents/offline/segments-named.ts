// Which segment, or which dimension, a question names.

import {isOrdinary, plain} from "./words.js";
import type {Known} from "./names.js";

type Values = ReturnType<Known["valuesOf"]>;
export type Slices = {dimension: string | null; segment: Record<string, string> | null};

/** Returns the one segment a question names, or the dimension it asks to be split by: two values of one are a split. */
export function slicesIn(question: string, text: string, values: Values): Slices {
  const asked = dimensionIn(text);
  if (asked !== null) return {dimension: asked, segment: null};
  const found = values.filter((each) => isNamed(each, question));
  // Several observations of one experiment may have the same values.
  const twice = found.find((each) =>
    found.some(({dimension, value}) => dimension === each.dimension && value !== each.value)
  );
  if (twice) return {dimension: twice.dimension, segment: null};
  const own = Object.fromEntries(found.map(({dimension, value}) => [dimension, value]));
  const isFound = (value: string) => found.some((each) => each.value.toLowerCase() === value.toLowerCase());
  const more = Object.entries(guessed(text, values)).filter(([, value]) => !isFound(value));
  const segment = {...Object.fromEntries(more), ...own};
  return {dimension: null, segment: Object.keys(segment).length ? segment : null};
}

const small = new Set("it in us no be is at me my so to am as or an by do".split(" "));

// A code of two letters may be a word: then it counts in capitals, or where a place is named.
function isNamed({value}: Values[number], question: string): boolean {
  if (!value) return false;
  const word = plain(value).trim();
  if (!word) return false;
  if (word.length > 2 && !isOrdinary(word)) return plain(question).includes(` ${word} `);
  if (word.length > 2)
    return new RegExp(
      `\\b(?:for|in|on|only) ${word}\\b|\\b${word} (?:users|units|visitors|customers|people)\\b`
    ).test(plain(question));
  const isWritten = new RegExp(`(?<![\\p{L}\\p{N}])${value.replace(/\W/g, "")}(?![\\p{L}\\p{N}])`, "u").test(
    question
  );
  const isShouted = question === question.toUpperCase();
  if (small.has(word)) return isWritten && !isShouted && value === value.toUpperCase();
  return isWritten || new RegExp(`\\b(?:in|for|about|only|country) ${word}\\b`).test(question.toLowerCase());
}

function dimensionIn(text: string): string | null {
  const named =
    /\b(?:by|per|across|every|each|between|in all|all)\s+(country|countries|platforms?|segments?|device|day)\b/.exec(
      text
    )?.[1];
  if (named) return {countries: "country", platforms: "platform", segments: "", segment: ""}[named] ?? named;
  return null;
}

const platforms = ["ios", "android", "web", "desktop", "mobile"];
const codes: Record<string, string> = {
  germany: "DE",
  france: "FR",
  brazil: "BR",
  poland: "PL",
  spain: "ES",
  italy: "IT"
};

// A platform or a country that the observation may not have: its tool says what there is.
function guessed(text: string, values: Values): Record<string, string> {
  const platform = platforms.find((name) =>
    new RegExp(`\\b(?:on|for|in|about|only|and|did) (?:the )?${name}\\b`).test(text)
  );
  const on: Record<string, string> = platform ? {platform} : {};
  const country =
    /\b(?:in|for|about|only|country) (de|uk|gb|fr|br|in|pl|es|germany|france|brazil|poland|spain|italy)\b/.exec(
      text
    )?.[1];
  if (!country) return on;
  const code = codes[country] ?? country.toUpperCase();
  const known = values.find(({value}) => value.toUpperCase() === code);
  return {...on, [known?.dimension ?? "country"]: code};
}
