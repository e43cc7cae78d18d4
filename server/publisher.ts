import {spawn} from "node:child_process";
import {constants, setPriority} from "node:os";
import {dirname, join} from "node:path";
import {text} from "node:stream/consumers";
import {NotFoundError, UserError} from "../lib/errors.js";
import {observationById} from "../lib/store.js";
import type {Workspace} from "../lib/workspace.js";
import {root} from "./publishing.js";

/** Where a report can be read now. */
export type PublishedAt = {address: string};

/**
 * Returns a function that publishes an observation's report, in a process of its own so that pages go on being answered; one
 * after the other, as all of them write one index.
 */
export function publisher({
  config,
  store
}: Workspace): (observation: number, by: {who: string | null}) => Promise<PublishedAt> {
  let last: Promise<unknown> = Promise.resolve();
  return async (id, {who}) => {
    const observation = observationById(store, id);
    if (!observation)
      throw new NotFoundError(`there is no observation ${id}`, "the Observations page lists what there is");
    const next = last.then(() =>
      run(dirname(config.file), ["report", "--observation", String(id), ...(who ? [`--by=${who}`] : [])])
    );
    last = next.catch(() => null);
    await next;
    return {address: `/reports/${observation.experimentId}.html`};
  };
}

async function run(folder: string, args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, "bin/expanto.js"), ...args], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"]
  });
  // Who reads a page goes before who waits for a report. A process that could not be made has no number.
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const [said, code] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done))
  ]);
  if (code === 0) return;
  const [message, ...hint] = said
    .replace(/^[\s\S]*?error: /, "")
    .trim()
    .split(/\n\s*/);
  if (code === 2) throw new UserError(message, hint.join(" ") || null);
  throw new Error(`publishing failed:\n${said}`);
}
