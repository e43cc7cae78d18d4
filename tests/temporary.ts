// All that a run of the tests writes beside the project lies in one folder, which goes with it.
import {chmodSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** Makes the folder, and returns what removes it. */
export default function temporary(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "expanto-tests-"));
  // PostgreSQL is started as another user where the tests run as root.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, {recursive: true, force: true});
}
