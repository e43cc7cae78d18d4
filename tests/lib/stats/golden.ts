import {readFileSync} from "node:fs";

type Tolerance = {rel?: number; abs?: number};
type Case = {
  id: string;
  input: unknown;
  expected: Record<string, unknown>;
  tol: Record<string, Tolerance>;
};

/** Returns the reference cases of one family. */
export function goldenCases(family: string): Case[] {
  const path = new URL(`../../fixtures/golden/${family}.shared.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")).cases;
}

/** Returns every field in which an output misses its reference by more than its tolerance. */
export function misses({expected, tol}: Case, output: Record<string, unknown>): string[] {
  return Object.entries(expected).flatMap(([field, want]) =>
    missesOf(field, output[field], want, tol[field])
  );
}

function missesOf(field: string, got: unknown, want: unknown, tolerance?: Tolerance): string[] {
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length)
      return [`${field}: ${got} is not an array of ${want.length}`];
    return want.flatMap((item, i) => missesOf(`${field}[${i}]`, got[i], item, tolerance));
  }
  return isMet(field, got, want, tolerance) ? [] : [`${field}: got ${got}, want ${want}`];
}

// Counts and ranks are exact; other numbers without a tolerance of their own meet 1e-9.
const exact = /^(n_|df$|rank_|exact_rank_|first_rejection)/;

function isMet(field: string, got: unknown, want: unknown, tolerance?: Tolerance): boolean {
  if (want === null) return got === null;
  if (want === "Infinity" || want === "-Infinity") return got === Number(want);
  if (typeof want !== "number" || (!tolerance && exact.test(field) && Number.isInteger(want)))
    return got === want;
  const {rel = 0, abs = 0} = tolerance ?? {rel: 1e-9, abs: 1e-12};
  return Math.abs((got as number) - want) <= abs + rel * Math.abs(want);
}
