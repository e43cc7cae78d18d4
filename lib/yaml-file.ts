import {relative} from "node:path";
import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument} from "yaml";
import type {Alias, Document, Node, Pair, YAMLMap} from "yaml";
import {nearest} from "./errors.js";
import type {Problem} from "./errors.js";
import type {Place} from "./types.js";

/** A YAML value with the place where it stands; anchors and merges are resolved. */
export type YamlNode = {place: Place; value: string | number | boolean | null | YamlNode[] | YamlFields};

/** The fields of a YAML map by name, each with the place of its name. */
export type YamlFields = Map<string, {key: Place; node: YamlNode}>;

/** Takes one problem; what it goes into belongs to whoever made it. */
export type Report = (
  severity: Problem["severity"],
  place: Place,
  message: string,
  hint?: string | null
) => void;

type Reading = {
  document: Document;
  placeAt: (offset: number | undefined) => Place;
  report: Report;
  known: Map<Node, YamlNode>;
  open: Set<Node>;
};

/** Returns the root of a YAML text, or null where it is empty or broken: broken YAML is reported, emptiness is not. */
export function parseYaml(text: string, file: string, report: Report): YamlNode | null {
  const lines = new LineCounter();
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, merge: true});
  const placeAt = (offset: number = 0): Place => {
    const {line, col} = lines.linePos(offset);
    return {file, line: Math.max(1, line), column: Math.max(1, col)};
  };
  for (const error of document.errors) report("error", placeAt(error.pos[0]), brokenYaml(error));
  for (const warning of document.warnings) report("warning", placeAt(warning.pos[0]), brokenYaml(warning));
  if (document.errors.length > 0 || isEmpty(document.contents)) return null;
  return located(document.contents, {document, placeAt, report, known: new Map(), open: new Set()});
}

/** Returns a path as people should read it: relative to the working directory where it lies inside. */
export function displayPath(path: string): string {
  const shorter = relative(process.cwd(), path);
  return shorter === "" || shorter.startsWith("..") ? path : shorter;
}

/** Returns a function that adds problems to a list. */
export function reportInto(problems: Problem[]): Report {
  return (severity, place, message, hint = null) => {
    problems.push({...place, severity, message, hint});
  };
}

/** Returns problems in reading order: by file, line and column. */
export function inReadingOrder(problems: Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column
  );
}

/** Returns what a value is, in words for an error message. */
export function kindOf({value}: YamlNode): string {
  if (value === null) return "nothing";
  if (value instanceof Map) return "a map";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "true or false";
}

/** Returns the value without its places, as plain objects and arrays. */
export function plainValue({value}: YamlNode): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, field]) => [name, plainValue(field.node)]));
}

function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function brokenYaml({message, code}: {message: string; code: string}): string {
  if (code === "MULTIPLE_DOCS")
    return "a file holds one YAML document; this one has several, separated by ---";
  if (code === "DUPLICATE_KEY") return "the same field stands here twice";
  return `broken YAML: ${message.split("\n")[0]}`;
}

function located(node: unknown, reading: Reading): YamlNode {
  const {known, open, placeAt} = reading;
  const source = node as Node | null;
  const place = placeAt(source?.range?.[0]);
  if (isAlias(node)) return {place, value: resolved(node, reading)};
  if (!isMap(node) && !isSeq(node)) return {place, value: scalarValue(node)};
  const before = known.get(node);
  if (before) return before;
  open.add(node);
  const value = isMap(node) ? fieldsOf(node, reading) : node.items.map((item) => located(item, reading));
  open.delete(node);
  known.set(node, {place, value});
  return {place, value};
}

function resolved(alias: Alias, reading: Reading): YamlNode["value"] {
  const target = alias.resolve(reading.document);
  const place = reading.placeAt(alias.range?.[0]);
  if (!target) {
    reading.report("error", place, `no anchor &${alias.source} stands above this *${alias.source}`);
    return null;
  }
  if (!reading.open.has(target)) return located(target, reading).value;
  reading.report("error", place, `*${alias.source} refers to what it stands in`);
  return null;
}

function scalarValue(node: unknown): string | number | boolean | null {
  const value = isScalar(node) ? node.value : null;
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined ? null : String(value);
}

function fieldsOf(map: YAMLMap, reading: Reading): YamlFields {
  const merged: YamlFields = new Map();
  const own: YamlFields = new Map();
  for (const pair of map.items) {
    if (isMerge(pair)) addMerged(merged, located(pair.value, reading), reading.report);
    else own.set(nameOf(pair), fieldOf(pair, reading));
  }
  return new Map([...merged, ...own]);
}

function isMerge({key}: Pair): boolean {
  return isScalar(key) && (key.value === "<<" || typeof key.value === "symbol");
}

// Of several merged maps the first that has a field gives it, as YAML's merge key says.
function addMerged(fields: YamlFields, node: YamlNode, report: Report): void {
  for (const each of Array.isArray(node.value) ? node.value : [node]) {
    if (!(each.value instanceof Map)) report("error", each.place, `<< merges a map, not ${kindOf(each)}`);
    else for (const [name, field] of each.value) if (!fields.has(name)) fields.set(name, field);
  }
}

function nameOf({key}: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function fieldOf({key, value}: Pair, reading: Reading): {key: Place; node: YamlNode} {
  const keyPlace = reading.placeAt((key as Node | null)?.range?.[0]);
  const node = located(value, reading);
  return {key: keyPlace, node: (value as Node | null)?.range ? node : {...node, place: keyPlace}};
}

/** Reports every field that is not among the known ones, with the nearest known name. */
export function reportUnknownFields(
  fields: YamlFields,
  known: readonly string[],
  {of, severity, report}: {of: string; severity: Problem["severity"]; report: Report}
): void {
  for (const [name, {key}] of fields) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near ? `did you mean ${near}?` : `it may have ${known.join(", ")}`;
    report(severity, key, `unknown field of ${of}: ${name}`, hint);
  }
}
