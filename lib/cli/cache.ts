import {cacheFolder} from "../cache.js";
import {cacheEntries, pruneCache, verifyCache} from "../cache-report.js";
import {loadConfig} from "../config.js";
import {sizeOf} from "../config/warehouse.js";
import {UserError} from "../errors.js";
import {readable} from "../warehouse/limits.js";
import type {Io} from "./main.js";
import {table} from "./table.js";

/** Prints what the cache holds, the least recently used first. */
export async function listCache(io: Io) {
  const folder = cacheFolder(await loadConfig(io.folder));
  const entries = await cacheEntries(folder);
  if (!entries.length) return io.out(`The cache is empty: ${folder}`);
  const rows = entries.map(({key, kind, files, bytes, usedAt}) => [
    key,
    kind,
    String(files.length),
    readable(bytes),
    new Date(usedAt).toISOString().slice(0, 16).replace("T", " ")
  ]);
  io.out(table([["entry", "what", "files", "size", "last used, UTC"], ...rows], {numbers: [2, 3]}));
  io.out(`${readable(entries.reduce((sum, {bytes}) => sum + bytes, 0))} in all, in ${folder}`);
}

/** Looks whether every file of the cache is as it was made; throws a UserError that names those that are not. */
export async function checkCache(io: Io) {
  const {files, broken} = await verifyCache(cacheFolder(await loadConfig(io.folder)));
  const lines = Object.entries(broken).map(([file, reason]) => `\n  ${file}: ${reason}`);
  if (lines.length)
    throw new UserError(
      `${lines.length} of ${files} files cannot be used:${lines.join("")}`,
      "delete them: what they held is calculated again when it is asked for"
    );
  io.out(`${files} files of the cache, none damaged.`);
}

/** Removes what was not used for longest, until the cache fits into a size. */
export async function shrinkCache({to}: {to: string}, io: Io) {
  const {entries, leftovers} = await pruneCache(cacheFolder(await loadConfig(io.folder)), {
    bytes: sizeOf(to)
  });
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const left = leftovers.length ? `, and ${leftovers.length} half-written files of processes that ended` : "";
  io.out(`${entries.length} entries removed, ${readable(bytes)}${left}.`);
}
