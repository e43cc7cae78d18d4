import {text} from "node:stream/consumers";
import {CommanderError} from "commander";
import {redacted} from "../config/secrets.js";
import {explain, UserError} from "../errors.js";
import {codeOf, explained} from "../store/failure.js";
import type {Instant} from "../types.js";
import {commands} from "./commands.js";
import {typedUnseen} from "./password.js";
import type {Publisher} from "./report.js";
import {onTerminal} from "./table.js";

/** What a command may need of its surroundings; folder is where it was called. */
export type Io = {
  out: (text: string) => void;
  input: () => Promise<string>;
  /** Asks for a line that is not shown while it is typed, where there is a terminal. */
  secret?: (question: string) => Promise<string>;
  err: (text: string) => void;
  now: () => Instant;
  folder: string;
};
export type StartOptions = {port?: number; open?: boolean; folder?: string};
export type Parts = {
  start: (options: StartOptions) => Promise<void>;
  publish: Publisher;
  mcp?: () => Promise<void>;
  io?: Io;
};

const terminal: Io = {
  input: () => text(process.stdin),
  secret: process.stdin.isTTY ? typedUnseen : undefined,
  out: (line) => void process.stdout.write(`${onTerminal(line)}\n`),
  err: (line) => void process.stderr.write(`${onTerminal(line)}\n`),
  now: () => new Date().toISOString(),
  folder: process.cwd()
};

/** Returns the exit code of a command line: 0, or 2 for bad input, which is explained without a stack. */
export async function main(
  args: string[],
  {start, publish, mcp, io: given = terminal}: Parts
): Promise<number> {
  const io = withoutSecrets(given);
  const program = commands({start, publish, mcp}, io)
    .exitOverride()
    .configureOutput({writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd())})
    .showHelpAfterError("(--help says what there is)");
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, {from: "user"});
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, io);
  }
}

const withoutSecrets = (io: Io): Io => ({
  ...io,
  out: (text) => io.out(redacted(text)),
  err: (text) => io.err(redacted(text))
});

// A failure that is not the user's is our bug: its stack is for whoever reports it, and only when asked for.
function report(error: unknown, io: Io): number {
  const known = ofTheMachine(error);
  const {message, hint} = explain(known);
  io.err(`error: ${message}${hint ? `\n  ${hint}` : ""}`);
  if (known instanceof UserError) return 2;
  if (process.env.EXPANTO_DEBUG && error instanceof Error) io.err(error.stack ?? "");
  return 1;
}

// Damage and a full or protected disk may show wherever something is read or written.
function ofTheMachine(error: unknown): unknown {
  const code = codeOf(error);
  if (code.startsWith("SQLITE_")) return explained(error, "the database");
  const {path} = error as NodeJS.ErrnoException;
  return path && ["ENOSPC", "EROFS"].includes(code) ? explained(error, path) : error;
}
