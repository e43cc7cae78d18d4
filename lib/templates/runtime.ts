import {UserError, nearest} from "../errors.js";
import type {Place} from "../types.js";
import {runtime} from "./nunjucks.js";
import type {Context, Frame} from "./nunjucks.js";

/**
 * What one rendering knows of itself. depth: above zero while `is defined` or `default` look at a name that may be
 * unknown. place: where it is; nunjucks runs what follows an include inside the included file's own error handler.
 */
export type Leniency = {depth: number; place: Place | null};

/** Returns nunjucks' runtime for one template: unknown names are errors, printed values are checked, errors have places. */
export function checkedRuntime(file: string, source: string, leniency: Leniency) {
  const placed = (error: unknown, line: number, column: number) =>
    withPlace(error, {file, line: line + 1, column: column + 1});
  return {
    ...runtime,
    handleError: placed,
    here(line: number, column: number) {
      leniency.place = {file, line: line + 1, column: column + 1};
    },
    contextOrFrameLookup: (context: Context, frame: Frame, name: string) =>
      found(() => variable(context, frame, name, leniency), leniency),
    memberLookup: (object: unknown, name: unknown) => found(() => member(object, name, leniency), leniency),
    inOperator: (needle: unknown, haystack: unknown) => runtime.inOperator(plain(needle), plain(haystack)),
    concat,
    ensureDefined(value: unknown, line: number, column: number) {
      try {
        checkPrinted(value, `{{ ${expressionAt(source, line, column)} }}`);
      } catch (error) {
        throw placed(error, line, column);
      }
      return value;
    }
  };
}

/** Throws UserError where a value must not be printed as it is: nothing, a list, or a text that could end a literal. */
export function checkPrinted(value: unknown, what: string): void {
  if (value instanceof runtime.SafeString) return;
  if (value === null || value === undefined)
    throw new UserError(`${what} has no value here`, "print it inside {% if … %}, or give it a default");
  if (typeof value === "object" || typeof value === "function")
    throw new UserError(`${what} is no single value`, "print its members, or loop over it by {% for … %}");
  if (/['"`\\\r\n\0]/.test(String(value)))
    throw new UserError(
      `${what} holds a quote, a backslash or a line break and was not printed bare: ${JSON.stringify(value)}`,
      `write ${filtered(what)} without quotes around it; the filter str writes the whole literal`
    );
}

const filtered = (what: string) =>
  what.startsWith("{{") ? what.replace(/ }}$/, " | str }}") : "{{ … | str }}";

function found(look: () => unknown, {place}: Leniency): unknown {
  try {
    return look();
  } catch (error) {
    throw place ? withPlace(error, place) : error;
  }
}

function variable(context: Context, frame: Frame, name: string, {depth}: Leniency): unknown {
  const value = runtime.contextOrFrameLookup(context, frame, name);
  if (value === undefined && depth === 0)
    throw new UserError(
      `undefined variable: ${name}`,
      hintOfUnknown(name, Object.keys(context.getVariables()))
    );
  return value;
}

function member(object: unknown, name: unknown, {depth}: Leniency): unknown {
  if (["constructor", "__proto__", "prototype"].includes(String(name)))
    throw new UserError(`${String(name)} cannot be read in a template`, "use the documented members");
  const value = runtime.memberLookup(object, name);
  if (value !== undefined || depth > 0) return value;
  if (object === null || object === undefined)
    throw new UserError(
      `${String(name)} of nothing: what stands before it has no value`,
      "ask first: {% if … %}"
    );
  throw new UserError(
    `undefined variable: ${String(name)} is no member here`,
    hintOfUnknown(String(name), Object.keys(object))
  );
}

// SQL of ours stays SQL when it is joined with text that could not be printed wrong.
function concat(left: unknown, right: unknown): unknown {
  const text = `${String(left ?? "")}${String(right ?? "")}`;
  const parts = [left, right];
  if (!parts.some((part) => part instanceof runtime.SafeString)) return text;
  const isHarmless = (part: unknown) =>
    part instanceof runtime.SafeString || !/['"`\\\r\n\0]/.test(String(part));
  return parts.every(isHarmless) ? new runtime.SafeString(text) : text;
}

const plain = (value: unknown) => (value instanceof runtime.SafeString ? String(value) : value);

function withPlace(error: unknown, place: {file: string; line: number; column: number}): Error {
  const cause = innermost(error);
  if (cause instanceof UserError)
    return cause.place ? cause : new UserError(cause.message, cause.hint, place);
  return new UserError(cause instanceof Error ? cause.message : String(cause), "look at this place", place);
}

function innermost(error: unknown): unknown {
  return !(error instanceof UserError) && error instanceof Error && error.cause
    ? innermost(error.cause)
    : error;
}

function expressionAt(source: string, line: number, column: number): string {
  const rest = source.split("\n").slice(line).join("\n").slice(column);
  return (/^[{%\s-]*([^]*?)\s*-?\}\}/.exec(rest)?.[1] ?? rest.slice(0, 40)).trim();
}

/** Returns a hint for an unknown name: the nearest known one, or all of them. */
export function hintOfUnknown(name: string, known: string[]): string {
  const near = nearest(name, known);
  return near ? `did you mean ${near}?` : `known here: ${known.join(", ")}`;
}
