// What is not as the Results page opens, in words: an answer says which units, variant and reading it speaks of.

import {confidenceOf, count, dayOf, list} from "../../lib/stats/format.js";
import {sliceInWords, type Question} from "../../lib/stats/results-address.js";
import type {Read} from "./reading.js";

/** Returns how a result was read, as far as it is unusual, a phrase each; none where everything is as the page opens. */
export function choicesOf({view, kept, question, treatments, control}: Read): string[] {
  const {slice, leftOut, units, of} = kept;
  const days = leftOut.map(({day, reason}) => `${dayOf(day)} (${reason})`);
  const isPart = Object.keys(slice).length > 0 || days.length > 0;
  return [
    ...(Object.keys(slice).length ? [`only units with ${sliceInWords(slice)}`] : []),
    ...(days.length ? [`without the units first exposed on ${list(days)}`] : []),
    ...(isPart ? [`${count(units)} of ${count(of)} units`] : []),
    ...(question && question.variant !== treatments[0] ? [`${question.variant} against ${control}`] : []),
    ...(question ? readingInWords(question, view.defaults.confidence) : [])
  ];
}

function readingInWords(
  {confidence, scale, side, correction, interval, cuped, sequential}: Question,
  usual: number
): string[] {
  const said: [boolean, string][] = [
    [confidence !== usual, `${confidenceOf(confidence)} confidence`],
    [scale === "absolute", "differences instead of lifts"],
    [side === "greater", "a one-sided test, is it higher"],
    [side === "less", "a one-sided test, is it lower"],
    [correction === "holm", "corrected by Holm"],
    [correction === "bh", "corrected by Benjamini–Hochberg"],
    [interval === "fieller", "lift intervals by Fieller"],
    [interval === "log", "lift intervals by the log of the ratio"],
    [cuped, "with CUPED"],
    [sequential, "always-valid intervals"]
  ];
  return said.filter(([isSo]) => isSo).map(([, words]) => words);
}
