// Reading single values of a map, each with its place; what is wrong is reported there.

import {nearest} from "../errors.js";
import type {Place} from "../types.js";
import {kindOf} from "../yaml-file.js";
import type {Report, YamlFields, YamlNode} from "../yaml-file.js";

/** Of what a value is asked for, and where to point if it is absent. */
export type Asked = {of: string; place: Place; report: Report};

/** A text with its place. */
export type Text = {text: string; place: Place};

/** Returns a field's value where it is one of the choices; null where it is absent or, reported, another. */
export function choiceOf<T extends string>(
  fields: YamlFields,
  name: string,
  choices: readonly T[],
  report: Report
): T | null {
  const node = fields.get(name)?.node;
  if (!node || node.value === null) return null;
  const choice = choices.find((each) => each === node.value);
  if (choice) return choice;
  const near = typeof node.value === "string" ? nearest(node.value, choices) : null;
  const hint = near ? `did you mean ${near}?` : `${name} is ${choices.join(" or ")}`;
  report(
    "error",
    node.place,
    `unknown ${name}: ${typeof node.value === "string" ? node.value : kindOf(node)}`,
    hint
  );
  return null;
}

/** Returns a node's fields; null where it is no map, which is reported. */
export function mapOf(node: YamlNode, of: string, report: Report): YamlFields | null {
  if (node.value instanceof Map) return node.value;
  report("error", node.place, `${of} must be a map, not ${kindOf(node)}`);
  return null;
}

/** Returns a required text; null where it is absent, empty or no text, which is reported. */
export function textOf(fields: YamlFields, name: string, {of, place, report}: Asked): Text | null {
  const field = fields.get(name);
  if (!field || field.node.value === null) {
    report("error", field?.key ?? place, `${name} of ${of} is missing`);
    return null;
  }
  const {node} = field;
  if (typeof node.value !== "string") {
    report("error", node.place, `${name} of ${of} must be text, not ${kindOf(node)}`);
    return null;
  }
  if (node.value.trim() !== "") return {text: node.value, place: node.place};
  report("error", node.place, `${name} of ${of} is empty`);
  return null;
}

/** Returns a text, trimmed, or null where it is absent or, reported, no text. */
export function optionalText(fields: YamlFields, name: string, report: Report): string | null {
  const node = fields.get(name)?.node;
  if (!node || node.value === null) return null;
  if (typeof node.value === "string") return node.value.trim();
  report("error", node.place, `${name} must be text, not ${kindOf(node)}`);
  return null;
}
