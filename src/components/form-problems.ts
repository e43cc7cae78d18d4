// What is wrong with a form, in the words of the form: the rules are those of the file, which speaks of its own fields.

import {Failure} from "./api.js";
import type {Field} from "./fields-form.js";

const inFile = /^(?:experiment|observations\[0\])\.(\w+)\S* {2}(.*)$/;
const fileAdvice = "mark one variant with control: true, name each once";

/** Returns a failure with each field called as the form calls it; what speaks of no field stays as it is. */
export function inFormWords(error: unknown, fields: Field[]): unknown {
  if (!(error instanceof Failure)) return error;
  const lines = error.message.split("\n").map((line) => lineOf(line, fields));
  const isOfFile = /experiments-as-files/.test(error.hint ?? "");
  return new Failure(lines.join("\n"), isOfFile ? null : error.hint);
}

function lineOf(line: string, fields: Field[]): string {
  const [, name, text] = inFile.exec(line) ?? [];
  const field = fields.find((each) => each.name === name);
  if (!field) return line;
  const said = text.replace(fileAdvice, "choose which one is the control, and name each once");
  return said.startsWith(`${name} `) ? `${field.label}${said.slice(name.length)}` : `${field.label}: ${said}`;
}
