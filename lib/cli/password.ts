import {createInterface} from "node:readline/promises";
import {Writable} from "node:stream";
import {UserError} from "../errors.js";
import type {Io} from "./main.js";

/** Returns a password: asked for twice at a terminal, else the first line of what is piped in. */
export async function passwordFrom({secret, input}: Io): Promise<string> {
  if (!secret) return (await input()).split(/\r?\n/)[0];
  const first = await secret("Password: ");
  if (first === (await secret("The same again: "))) return first;
  throw new UserError("the two are not the same", "try again");
}

/** Returns a line typed at the terminal, of which nothing is shown. */
export async function typedUnseen(question: string): Promise<string> {
  const nothing = new Writable({write: (_chunk, _encoding, done) => done()});
  const terminal = createInterface({input: process.stdin, output: nothing, terminal: true});
  process.stderr.write(question);
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
