import {basename, resolve} from "node:path";
import {machineUser} from "../access/machine.js";
import {recordAccess} from "../access/trail.js";
import {backupStore, restoreStore, type Counts} from "../backup.js";
import {loadConfig} from "../config.js";
import {counted} from "../stats/words.js";
import type {Io} from "./main.js";
import {withStore} from "./with-store.js";

/** Copies the database into a file and prints what the copy holds. */
export async function backup(named: string | undefined, io: Io) {
  const config = await loadConfig(io.folder);
  const {file, counts} = await backupStore(config, {
    file: named && resolve(io.folder, named),
    now: io.now()
  });
  io.out(`${file}: ${held(counts)}`);
}

/** Puts a backup in the place of the database and prints what it holds and where the one before is kept. */
export async function restore(named: string, io: Io) {
  const config = await loadConfig(io.folder);
  const {kept, counts} = await restoreStore(config, {file: resolve(io.folder, named), now: io.now()});
  // Who may come in is now who might when the copy was made.
  await withStore(io.folder, (store) =>
    recordAccess(store, {
      kind: "database restored",
      who: machineUser(),
      words: basename(named),
      at: io.now()
    })
  );
  io.out(`Restored ${held(counts)}.${kept ? ` What was there before is kept: ${kept}` : ""}`);
}

const held = ({experiments, observations, jobs}: Counts) =>
  [counted(experiments, "experiment"), counted(observations, "observation"), counted(jobs, "job")].join(", ");
