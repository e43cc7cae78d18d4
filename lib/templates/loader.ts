import {existsSync, readFileSync, readdirSync, statSync} from "node:fs";
import path from "node:path";
import {UserError} from "../errors.js";
import type {Place} from "../types.js";
import {compileTemplate} from "./nunjucks.js";
import type {Root} from "./nunjucks.js";
import {checkedRuntime, hintOfUnknown} from "./runtime.js";
import type {Leniency} from "./runtime.js";

/** Returns a nunjucks loader of the queries folder; names are relative to it, or to the including file where they start with a dot. */
export function templateLoader(folder: string, leniency: Leniency) {
  return {
    isRelative: (name: string) => /^\.\.?\//.test(name),
    resolve: (from: string, to: string) => path.posix.join(path.posix.dirname(from), to),
    getSource(name: string) {
      const file = templateFile(folder, name, leniency.place);
      const source = readFileSync(file, "utf8");
      return {
        src: {type: "code", obj: checkedFunctions(file, name, source, leniency)},
        path: file,
        noCache: false
      };
    }
  };
}

function templateFile(folder: string, name: string, includedAt: Place | null): string {
  const file = path.resolve(folder, name);
  if (path.relative(folder, file).startsWith(".."))
    throw new UserError(
      `a template outside of the queries folder: ${name}`,
      `templates live in ${folder}`,
      includedAt
    );
  if (!existsSync(file) || !statSync(file).isFile())
    throw new UserError(`template not found: ${name}`, hintOfUnknown(name, templatesIn(folder)), includedAt);
  return file;
}

function templatesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, {recursive: true}) as string[];
  return names.filter((name) => /\.(sql|j2|njk)$/.test(name)).map((name) => name.replaceAll(path.sep, "/"));
}

function checkedFunctions(file: string, name: string, source: string, leniency: Leniency) {
  const checked = checkedRuntime(file, source, leniency);
  const bound = ([key, root]: [string, Root]): [string, Root] => [
    key,
    (environment, context, frame, _runtime, done) => root(environment, context, frame, checked, done)
  ];
  return Object.fromEntries(Object.entries(compiled(file, name, source)).map(bound));
}

// The same text gives the same functions, and a page renders the same templates at every reading.
const known = new Map<string, Record<string, Root>>();
const most = 500;

function compiledOnce(source: string, name: string): Record<string, Root> {
  const key = `${name}\0${source}`;
  const roots = known.get(key) ?? compileTemplate(source, name);
  if (known.size >= most) known.clear();
  known.set(key, roots);
  return roots;
}

function compiled(file: string, name: string, source: string): Record<string, Root> {
  try {
    return compiledOnce(source, name);
  } catch (error) {
    // nunjucks gives no line where the file ended too early.
    const lines = source.trimEnd().split("\n").length;
    const {message, lineno = lines, colno = 1} = error as Error & {lineno?: number; colno?: number};
    throw new UserError(message, "correct the template's syntax", {file, line: lineno, column: colno});
  }
}
