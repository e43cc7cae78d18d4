import type {DeclaredAggregation} from "../types.js";
import {kindOf, type Report, type YamlFields} from "../yaml-file.js";
import {declaredFields, aggregates} from "./fields.js";
import {choiceOf, textOf, type Asked, type Text} from "./values.js";

/** Returns whether an aggregation is declared rather than written as SQL. */
export const isDeclared = (fields: YamlFields): boolean => declaredFields.some((name) => fields.has(name));

/** Returns a declared aggregation; null where something in it is wrong, which is reported. */
export function readDeclared(fields: YamlFields, asked: Asked): DeclaredAggregation | null {
  const {report, of} = asked;
  const problems = new Set<string>();
  const watched: Report = (severity, place, ...rest) => {
    if (severity === "error") problems.add(rest[0]);
    report(severity, place, ...rest);
  };
  const sql = fields.get("sql");
  if (sql)
    watched("error", sql.key, `${of} has both sql and ${declaredIn(fields)}`, "keep one of the two ways");
  const agg = choiceOf(fields, "agg", aggregates, watched);
  if (!fields.has("agg"))
    watched("error", asked.place, `agg of ${of} is missing`, `agg is ${aggregates.join(", ")}`);
  const event = optional(fields, "event", watched);
  const value = optional(fields, "value", watched);
  const where = optional(fields, "where", watched);
  if (agg) checkValue(agg, value, {...asked, report: watched});
  if (where && /;|--|\/\*/.test(where.text))
    watched("error", where.place, "where is one condition, without comments and semicolons");
  if (problems.size || !agg) return null;
  return {agg, event: event?.text ?? null, value: value?.text ?? null, where: where?.text ?? null};
}

const declaredIn = (fields: YamlFields) => declaredFields.filter((name) => fields.has(name)).join(", ");

function optional(fields: YamlFields, name: string, report: Report): Text | null {
  const field = fields.get(name);
  if (!field || field.node.value === null) return null;
  if (typeof field.node.value === "string")
    return textOf(fields, name, {of: "an aggregation", place: field.key, report});
  report("error", field.node.place, `${name} must be text, not ${kindOf(field.node)}`);
  return null;
}

function checkValue(agg: (typeof aggregates)[number], value: Text | null, {of, place, report}: Asked): void {
  const isNeeded = agg !== "count" && agg !== "flag";
  if (isNeeded && !value)
    report("error", place, `value of ${of} is missing`, `agg: ${agg} needs a column of the events`);
  if (!isNeeded && value)
    report("error", value.place, `agg: ${agg} has no value`, "drop value, or use sum, max, min or distinct");
  if (value && !/^[A-Za-z_]\w*$/.test(value.text))
    report("error", value.place, `value must be a column: ${value.text}`, "write an expression as sql");
}
