import {basename, resolve} from "node:path";
import {fileURLToPath} from "node:url";

/** How the program was called: its file or a link to it, and the folder it was called in. */
type Call = {argv: string | undefined; folder: string};

const program = fileURLToPath(new URL("..", import.meta.url));

/**
 * Returns what to type to call the program once more from the same folder. `npx expanto` is said within the program's
 * own folder alone: elsewhere npx would fetch a package of that name from the public registry, and it is nobody's.
 */
export function commandOf({argv, folder}: Call): string {
  if (argv && basename(argv) === "expanto" && !argv.includes("node_modules")) return "expanto";
  return isOwn(folder) ? "npx expanto" : `node ${resolve(program, "bin/expanto.js")}`;
}

const isOwn = (folder: string) => resolve(folder) === resolve(program);

/** What to type to call the program once more, as hints say it. */
export const command = commandOf({argv: process.argv[1], folder: process.cwd()});

/** What to type to serve the folder that the program was called in. */
export const startCommand = isOwn(process.cwd()) ? "npm start" : `${command} start`;
