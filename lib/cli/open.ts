import {resolve} from "node:path";
import {forkReport, readReport} from "../report/fork.js";
import type {Io, Parts} from "./main.js";

export type OpenFlags = {folder?: string; link?: string; port?: number};

/** Opens a published report as a notebook again, in a workspace of its own that is served until interrupted. */
export async function openReport(
  path: string,
  flags: OpenFlags,
  {io, start}: {io: Io; start: Parts["start"]}
) {
  const read = await readReport(resolve(io.folder, path));
  const {bundle, isWhole} = read;
  if (!isWhole) io.err(`${path} was changed after it was published: its hash is no longer ${bundle.hash}`);
  const name = `expanto-${bundle.view.experiment.id}-${bundle.hash.slice(0, 8)}`;
  const folder = await forkReport(read, {folder: resolve(io.folder, flags.folder ?? name), link: flags.link});
  io.out(
    `“${bundle.view.experiment.name}” stands in ${folder}: change it, and publish it from its Results page.`
  );
  // A notebook is opened beside a server that runs: any free port will do.
  await start({folder, port: flags.port ?? 0});
}
