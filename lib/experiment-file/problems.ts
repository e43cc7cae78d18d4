// Everything wrong with what a file says, each problem with the path of the field it is about.

import type {z} from "zod";
import {nearest} from "../errors.js";
import {variantProblems} from "../store/variants.js";
import {experimentStatuses} from "../types.js";
import {experimentFileSchema, fieldsAt, instantOf, type WrittenFile} from "./schema.js";

/** One thing wrong: at the value of a path, or at its key where the name itself is wrong. */
export type FieldProblem = {path: PropertyKey[]; isKey: boolean; message: string; hint: string | null};

export type Checked = {written: WrittenFile | null; problems: FieldProblem[]};

type Fields = Record<string, unknown>;

/** Returns what was written, or null, with every problem found: shapes, names, windows, variants. */
export function check(value: unknown, {defaultScenario}: {defaultScenario?: string}): Checked {
  const result = experimentFileSchema.safeParse(value);
  const problems = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => shapeProblems(issue, value))),
    ...experimentProblems(at(value, ["experiment"])),
    ...observationsOf(value).flatMap((fields, i, all) => observationProblems(fields, i, all, defaultScenario))
  ];
  return {written: result.success ? result.data : null, problems};
}

function shapeProblems(issue: z.core.$ZodIssue, value: unknown): FieldProblem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(issue.path, key));
  return [problem(issue.path, ...explained(issue, at(value, issue.path)))];
}

function unknownField(path: PropertyKey[], key: string): FieldProblem {
  const fields = fieldsAt(path);
  const near = nearest(key, fields);
  const hint = near ? `did you mean ${near}?` : `the fields here are ${fields.join(", ")}`;
  return {path: [...path, key], isKey: true, message: `unknown field: ${key}`, hint};
}

function explained(issue: z.core.$ZodIssue, value: unknown): [string, string | null] {
  const field = fieldName(issue.path);
  if (value === undefined || value === null) return [`${field} is missing`, null];
  if (issue.code === "invalid_value") return unknownStatus(value);
  if (issue.code === "too_big") return [`${field} is longer than ${issue.maximum} characters`, "shorten it"];
  if (issue.code === "too_small")
    return [`${field} must be positive: ${String(value)}`, "give a share, such as 0.5"];
  if (issue.code === "invalid_format") return [`${field} is blank`, "fill it in, or leave it out"];
  if (issue.code === "custom")
    return [`${field} is not a date: ${shown(value)}`, "write 2025-10-01 or 2025-10-01T12:30:00Z"];
  if (issue.code === "invalid_type") return wrongType(field, issue.expected, value);
  return [`${field}: ${issue.message}`, null];
}

function unknownStatus(value: unknown): [string, string] {
  const near = nearest(String(value), experimentStatuses);
  const allowed = `the statuses are ${experimentStatuses.join(", ")}`;
  return [`unknown status: ${shown(value)}`, near ? `did you mean ${near}? ${allowed}` : allowed];
}

const words: Record<string, [string, string]> = {
  string: ["text", "put it in quotes"],
  number: ["a number", "write it as 0.5"],
  boolean: ["true or false", "write control: true"],
  array: ["a list", "write one item a line, each after a dash"],
  object: ["a set of fields", "write field: value, one a line"]
};

function wrongType(field: string, expected: string, value: unknown): [string, string | null] {
  const [word, hint] = words[expected] ?? [expected, null];
  return [`${field} must be ${word}, not ${shown(value)}`, hint];
}

function experimentProblems(value: unknown): FieldProblem[] {
  if (!isFields(value)) return [];
  return [
    ...orderProblems(value, ["experiment"], "start_datetime", "end_datetime"),
    ...allocationProblems(value.variants),
    ...declaredVariants(value.variants).map((message) =>
      problem(["experiment", "variants"], message, "mark one variant with control: true, name each once")
    )
  ];
}

function allocationProblems(value: unknown): FieldProblem[] {
  const variants = Array.isArray(value) ? value.filter(isFields) : [];
  const given = variants.filter(({allocation}) => allocation !== undefined).length;
  if (given === 0 || given === variants.length) return [];
  const hint = "give every variant one, or none for equal shares";
  return [problem(["experiment", "variants"], "only some variants have an allocation", hint)];
}

// Names and allocations of a wrong shape are reported where they stand; here they count as lawful.
function declaredVariants(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const variants = value.map((fields: unknown, i) => {
    const {name, control} = isFields(fields) ? fields : {};
    const isNamed = typeof name === "string" && name.trim() !== "";
    return {name: isNamed ? name : `variant ${i + 1}`, allocation: 1, isControl: control === true};
  });
  return variantProblems(variants);
}

function observationProblems(
  value: Fields,
  i: number,
  all: Fields[],
  defaultScenario: string | undefined
): FieldProblem[] {
  const path = ["observations", i];
  const isRepeated = all.findIndex(({name}) => name === value.name) < i && value.name !== undefined;
  const lacksScenario = (value.calculation_scenario ?? defaultScenario ?? null) === null;
  return [
    ...(isRepeated
      ? [problem([...path, "name"], `observation written twice: ${value.name}`, "rename one")]
      : []),
    ...(lacksScenario
      ? [problem([...path, "calculation_scenario"], "calculation_scenario is missing", null)]
      : []),
    ...windowProblems(value, path, "exposure_start_datetime", "exposure_end_datetime"),
    ...windowProblems(value, path, "calc_start_datetime", "calc_end_datetime")
  ];
}

function windowProblems(fields: Fields, path: PropertyKey[], start: string, end: string): FieldProblem[] {
  const isEmpty = instantOf(fields[start]) === instantOf(fields[end]) && instantOf(fields[start]) !== null;
  if (!isEmpty) return orderProblems(fields, path, start, end);
  const message = `${end} equals ${start}: nothing is before it, the window is empty`;
  return [problem([...path, end], message, "write the first moment after the window, such as the next day")];
}

function orderProblems(fields: Fields, path: PropertyKey[], start: string, end: string): FieldProblem[] {
  const [from, to] = [instantOf(fields[start]), instantOf(fields[end])];
  if (from === null || to === null || from <= to) return [];
  const message = `${end} is before ${start}: ${shown(fields[end])} < ${shown(fields[start])}`;
  return [problem([...path, end], message, "swap them, or correct one")];
}

function problem(path: PropertyKey[], message: string, hint: string | null): FieldProblem {
  return {path, isKey: false, message, hint};
}

function observationsOf(value: unknown): Fields[] {
  const list = at(value, ["observations"]);
  return Array.isArray(list)
    ? list.map((item: unknown) => (isFields(item) ? item : {calculation_scenario: ""}))
    : [];
}

function at(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    return typeof inner === "object" && inner !== null
      ? (inner as Record<PropertyKey, unknown>)[key]
      : undefined;
  }, value);
}

function fieldName(path: PropertyKey[]): string {
  const named = path.findLast((key) => typeof key === "string");
  if (named === undefined) return "the file";
  const last = path[path.length - 1];
  return typeof last === "number" ? `item ${last + 1} of ${named}` : String(named);
}

function shown(value: unknown): string {
  const isPlain = typeof value !== "object" || value instanceof Date;
  const text = isPlain ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
