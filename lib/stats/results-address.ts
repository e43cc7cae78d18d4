// What the address of the Results page asks: the page writes it, and whoever answers from that page reads it too.

import type {DimensionUnits, JobFacts} from "../types.js";
import type {ReadingQuestion, Scale} from "./analysis.js";
import type {Cells, Slice} from "./cells.js";

/** What the Results page may be asked, kept in its address. */
export type Question = Omit<ReadingQuestion, "correction"> & {
  variant: string;
  scale: Scale;
  correction: "none" | "holm" | "bh";
};

/** What a page opens with, and what its data cannot answer: no covariates, no CUPED. */
export type Offer = {treatments: string[]; confidence: number; hasCovariates: boolean};

/** Returns the question an address asks; what it does not say, or says wrongly, is the default. */
export function questionIn(search: string, {treatments, confidence, hasCovariates}: Offer): Question {
  const asked = new URLSearchParams(search);
  const level = Number(asked.get("confidence"));
  const oneOf = <T extends string>(name: string, [usual, ...others]: T[]): T =>
    others.find((word) => word === asked.get(name)) ?? usual;
  return {
    variant: oneOf("variant", [treatments[0], ...treatments]),
    confidence: level > 0.5 && level < 1 ? level : confidence,
    scale: oneOf("scale", ["relative", "absolute"]),
    side: oneOf("side", ["two-sided", "greater", "less"]),
    correction: oneOf("correction", ["none", "holm", "bh"]),
    interval: oneOf("interval", ["delta", "fieller", "log"]),
    cuped: hasCovariates && asked.get("cuped") === "true",
    sequential: asked.get("sequential") === "true"
  };
}

export const usualQuestion: Partial<Question> = {
  side: "two-sided",
  correction: "none",
  interval: "delta",
  cuped: false,
  sequential: false
};

/** A dimension with its values, those with the most units first. */
export type Dimension = {name: string; values: {value: string; units: number}[]};

/** Returns the dimensions of a job with their values. */
export function dimensionsOf({splits = []}: JobFacts): Dimension[] {
  const units = new Map<string, Map<string, number>>();
  for (const split of splits) add(units, split);
  return [...units].map(([name, values]) => ({
    name,
    values: [...values].map(([value, n]) => ({value, units: n})).sort((a, b) => b.units - a.units)
  }));
}

function add(units: Map<string, Map<string, number>>, {dimension, value, units: n}: DimensionUnits) {
  const values = units.get(dimension) ?? new Map<string, number>();
  units.set(dimension, values.set(value, (values.get(value) ?? 0) + n));
}

/** Returns the slice an address asks for; what no dimension has is left out. */
export function sliceIn(search: string, dimensions: Dimension[]): Slice {
  const asked = new URLSearchParams(search).getAll("in");
  const slice: Slice = {};
  for (const {name, values} of dimensions)
    for (const {value} of values) if (asked.includes(`${name}:${value}`)) (slice[name] ??= []).push(value);
  return slice;
}

/** Returns a slice in words: "platform ios or web and country DE"; empty where nothing is chosen. */
export const sliceInWords = (slice: Slice) =>
  Object.entries(slice)
    .map(([name, values]) => `${name} ${values.map((value) => value || "(none)").join(" or ")}`)
    .join(" and ");

/** A day whose units a reader leaves out, and why. */
export type LeftOutDay = {day: string; reason: string};

/** Returns the days an address leaves out, among those there are; each is written as 2025-10-03:reason. */
export function leftOutIn(search: string, days: string[]): LeftOutDay[] {
  const asked = new URLSearchParams(search).getAll("without").map((text) => ({
    day: text.slice(0, 10),
    reason: text.slice(11)
  }));
  return asked.filter(
    ({day, reason}, i) => days.includes(day) && reason && asked.findIndex((d) => d.day === day) === i
  );
}

/** Returns a slice without the units first exposed on days that are left out. */
export function sliceWithout(slice: Slice, leftOut: LeftOutDay[], {keys}: Cells): Slice {
  const days = keys.find(({name}) => name === "day")?.values ?? [];
  return leftOut.length
    ? {...slice, day: days.filter((day) => !leftOut.some((each) => each.day === day))}
    : slice;
}

/** Returns the days of first exposure that cells are crossed by, in order; none where cells are not kept by day. */
export const daysOf = (cells: Cells) => cells.keys.find(({name}) => name === "day")?.values.toSorted() ?? [];
