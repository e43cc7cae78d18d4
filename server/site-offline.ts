// The page builder's own client can load libraries from the package registry when a page asks for one. None of ours does, and
// still every build would ask the registry for the newest version of each.

import {mkdir, readFile, readdir} from "node:fs/promises";
import {join} from "node:path";

const client = "node_modules/@observablehq/framework/dist/client";

/** Stands for any version: nothing of it is ever loaded. */
const unused = "0.0.0";

/** Returns once the builder knows a version of every library its client names, so that it asks nobody for one. */
export async function answerVersions(root: string): Promise<void> {
  const known = join(root, "src/.observablehq/cache/_npm");
  for (const name of await librariesIn(join(root, client)))
    await mkdir(join(known, `${name}@${unused}`), {recursive: true});
}

async function librariesIn(folder: string): Promise<Set<string>> {
  const files = (await readdir(folder, {recursive: true})).filter((file) => file.endsWith(".js"));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\bnpm:((?:@[\w.-]+\/)?[\w.-]+)/g)].map(([, name]) => name))
  );
}
