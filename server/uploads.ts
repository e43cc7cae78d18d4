// Files that pages bring: each lies in a scratch folder while a question about it is answered, and is gone afterwards.

import {createWriteStream} from "node:fs";
import {mkdtemp, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {basename, extname, join} from "node:path";
import {Readable, Transform} from "node:stream";
import {pipeline} from "node:stream/promises";
import type {ReadableStream} from "node:stream/web";
import type {Context, Hono} from "hono";
import {fileQuestion, type FileQuestion} from "../lib/analyze/results.js";
import {command} from "../lib/command.js";
import {UserError} from "../lib/errors.js";
import type {AppParts} from "./app-parts.js";
import {turns} from "./turns.js";

/** The largest file that is taken, in bytes. */
const largestFile = 200 * 2 ** 20;

/** Adds the questions about files, whose bodies have a limit of their own; two files at most lie in the scratch folder, the others wait. */
export function fileRoutes(
  api: Hono,
  {fileColumns, fileResults}: Pick<AppParts, "fileColumns" | "fileResults">
) {
  const inTurn = turns(2);
  const answered = async <T extends object>(c: Context, work: (file: string) => T | Promise<T>) => {
    const release = await inTurn(0, c.req.raw.signal);
    return c.json(await withUpload(c, async (file) => work(file)).finally(release));
  };
  api.post("/files/columns", (c) => answered(c, fileColumns));
  api.post("/files/results", (c) => {
    const asked = questionIn(c.req.query("question"));
    return answered(c, (file) => fileResults(file, asked));
  });
}

function questionIn(text = ""): FileQuestion {
  try {
    return fileQuestion.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      "the question about the file cannot be read",
      "send {variant, control, means, …} as JSON"
    );
  }
}

/** Returns what work makes of the file in a request's body, named by the query's `name`; throws a UserError for one that is too large or of another kind. */
async function withUpload<T>(c: Context, work: (file: string) => Promise<T>): Promise<T> {
  const name = basename(c.req.query("name") ?? "");
  if (![".csv", ".tsv", ".txt", ".parquet"].includes(extname(name).toLowerCase()))
    throw new UserError(
      `${name || "this"} is not a CSV or Parquet file`,
      "its name must end in .csv or .parquet; the first line of a CSV names its columns"
    );
  const folder = await mkdtemp(join(tmpdir(), "expanto-file-"));
  // The engine takes * and [ in a name for a pattern, and the system takes no NUL and no long name.
  const file = join(folder, `upload${extname(name).toLowerCase()}`);
  try {
    await save(c, file);
    return await work(file);
  } catch (error) {
    throw error instanceof UserError ? inPageWords(error, {file, name}) : error;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function save(c: Context, file: string): Promise<void> {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done(bytes > largestFile ? tooLarge() : null, chunk);
    }
  });
  const body = (c.req.raw.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>;
  if (Number(c.req.header("content-length") ?? 0) > largestFile) throw tooLarge();
  await pipeline(Readable.fromWeb(body), limit, createWriteStream(file, {mode: 0o600}));
}

const tooLarge = () =>
  new UserError(
    `the file is larger than ${largestFile / 2 ** 20} MB`,
    `${command} analyze reads files of any size from the disk`
  );

// The command line's words for what a page has inputs for.
const inputs: [RegExp, string][] = [
  [/use --mean (.*)/, "count $1 as a mean"],
  [/--aggregate sums/, "“Sum the rows of a unit” sums"]
];

function inPageWords(
  {message, hint, place}: UserError,
  {file, name}: {file: string; name: string}
): UserError {
  const said = (text: string) =>
    inputs.reduce((words, [option, label]) => words.replace(option, label), text.replaceAll(file, name));
  return new UserError(said(message), hint && said(hint), place && {...place, file: name});
}
