import {spawnSync} from "node:child_process";
import {mkdtempSync, rmSync, statfsSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** A file system of its own, which can be filled and made read-only. */
export type Disk = {
  folder: string;
  fill: () => void;
  free: () => void;
  protect: () => void;
  remove: () => void;
};

/** Returns a small file system in memory, or null where this user may not mount one. */
export function smallDisk(megabytes: number): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), "expanto-disk-"));
  const mount = (...args: string[]) => spawnSync("mount", args).status === 0;
  if (!mount("-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder)) {
    rmSync(folder, {recursive: true});
    return null;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const {bavail, bsize} = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    free: () => rmSync(filler, {force: true}),
    protect: () => void mount("-o", "remount,ro", folder),
    remove() {
      spawnSync("umount", ["-l", folder]);
      rmSync(folder, {recursive: true, force: true});
    }
  };
}
