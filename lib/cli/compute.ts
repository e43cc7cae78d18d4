import {UserError} from "../errors.js";
import {computeFamily} from "../stats/families.js";
import type {Io} from "./main.js";

/** Prints `[{id, output}]` for the cases `[{id, family, input}]` of a JSON text; a case that fails says why in its output. */
export async function compute(io: Io) {
  const cases = parseCases(await io.input());
  io.out(JSON.stringify(cases.map(outputOf), null, 2));
}

function parseCases(text: string): unknown[] {
  const hint = "give an array of {id, family, input} on standard input; docs/compute.md has an example";
  let cases: unknown;
  try {
    cases = JSON.parse(text);
  } catch (error) {
    throw new UserError(`standard input is not JSON: ${(error as Error).message}`, hint);
  }
  if (!Array.isArray(cases)) throw new UserError("standard input is not an array of cases", hint);
  return cases;
}

function outputOf(one: unknown): {id: unknown; output: Record<string, unknown>} {
  const {id = null, family, input} = (one ?? {}) as {id?: unknown; family?: unknown; input?: unknown};
  if (typeof family !== "string") return {id, output: {reason: "the case names no family"}};
  if (typeof input !== "object" || input === null) return {id, output: {reason: "the case has no input"}};
  return {id, output: finite(computeFamily(family, input))};
}

// JSON has no infinity: an open end of an interval is the text "Infinity" or "-Infinity", what is not a number is null.
function finite<T>(value: T): T {
  if (Array.isArray(value)) return value.map(finite) as T;
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, finite(inner)])) as T;
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  return (Number.isNaN(value) ? null : String(value)) as T;
}
