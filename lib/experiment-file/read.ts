// Reads YAML text into an experiment; every problem is told with its line and column.

import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node
} from "yaml";
import {describeProblem, UserError, type Problem} from "../errors.js";
import {check, type FieldProblem} from "./problems.js";
import type {WrittenFile} from "./schema.js";

type Options = {defaultScenario?: string};

const hint = "docs/experiments-as-files.md lists every field";

/** Returns what a YAML text says of an experiment; throws a UserError that lists every problem of the file. */
export function readYaml(text: string, file: string, options: Options): WrittenFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    // What is odd is told by us, with its place, and not on standard error.
    logLevel: "error"
  });
  const broken = document.errors.map(({message, pos}) =>
    located(lines, file, pos[0], `broken YAML: ${message}`, null)
  );
  if (broken.length > 0) throw refused(file, broken);
  if (document.contents === null) throw new UserError(`${file} is empty`, hint);
  const {written, problems} = check(plain(document, file), options);
  if (written && problems.length === 0) return written;
  throw refused(file, problems.map(place).sort(byPlace));

  function place(problem: FieldProblem): Problem {
    return located(lines, file, offsetOf(document, problem), problem.message, problem.hint);
  }
}

/** Returns what a plain object says of an experiment, by the same rules; throws a UserError that lists every problem. */
export function readObject(value: unknown, options: Options): WrittenFile {
  const {written, problems} = check(value, options);
  if (written && problems.length === 0) return written;
  const lines = problems.map(({path, message, hint}) => {
    return `${pathText(path)}  ${message}${hint ? `; ${hint}` : ""}`;
  });
  throw new UserError(lines.join("\n"), hint);
}

function isEndless(value: unknown, above: unknown[] = []): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (above.includes(value)) return true;
  return Object.values(value).some((each) => isEndless(each, [...above, value]));
}

function plain(document: Document, file: string): unknown {
  try {
    const value: unknown = document.toJS();
    if (isEndless(value)) throw new Error("an anchor stands for what it stands in");
    return value;
  } catch (error) {
    throw new UserError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      hint
    );
  }
}

function refused(file: string, problems: Problem[]): UserError {
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  return new UserError([`${count} in ${file}`, ...problems.map(describeProblem)].join("\n"), hint);
}

function located(
  lines: LineCounter,
  file: string,
  offset: number,
  message: string,
  hint: string | null
): Problem {
  const {line, col} = lines.linePos(offset);
  return {file, line, column: col, severity: "error", message, hint};
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

// Follows the path as far as the text goes: a missing field is told where its parent starts.
function offsetOf(document: Document, {path, isKey}: FieldProblem): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  path.forEach((key, i) => {
    const child = childOf(resolved(node, document), key);
    offset =
      startOf(isKey && i === path.length - 1 ? child?.key : child?.value) ?? startOf(child?.key) ?? offset;
    node = child?.value ?? null;
  });
  return offset;
}

function childOf(node: unknown, key: PropertyKey): {key: unknown; value: unknown} | null {
  if (isSeq(node) && typeof key === "number") return {key: null, value: node.items[key]};
  if (!isMap(node)) return null;
  return node.items.find((pair) => (isScalar(pair.key) ? pair.key.value : pair.key) === key) ?? null;
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null;
}

function pathText(path: PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return text.replace(/^\./, "") || "experiment file";
}
