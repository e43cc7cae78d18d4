import {Command, CommanderError} from "commander";
import {explain, UserError} from "../errors.js";
import type {Instant} from "../types.js";
import {addAnalyze} from "./analyze.js";
import {addCalculate} from "./calculate.js";
import {addExperimentFiles} from "./experiment-files.js";
import {addValidate} from "./validate.js";

/** What a command may need of its surroundings. */
export type Io = {out: (text: string) => void; err: (text: string) => void; now: () => Instant};
export type StartOptions = {port?: number; open?: boolean};
export type Parts = {start: (options: StartOptions) => Promise<void>; io?: Io};

const terminal: Io = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  now: () => new Date().toISOString()
};

/** Returns the exit code of a command line: 0, or 2 for bad input, which is explained without a stack. */
export async function main(args: string[], {start, io = terminal}: Parts): Promise<number> {
  const program = new Command("expanto")
    .description("A notebook-style workspace for analysing A/B tests.")
    .exitOverride()
    .configureOutput({writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd())})
    .showHelpAfterError("(--help says what there is)");
  addStart(program, start);
  addAnalyze(program, io);
  addCalculate(program, io);
  addExperimentFiles(program, io);
  addValidate(program, io);
  try {
    await program.parseAsync(args, {from: "user"});
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, io);
  }
}

function addStart(program: Command, start: Parts["start"]) {
  program
    .command("start")
    .description(
      "serve the pages and the API on one port of 127.0.0.1; makes the demo data at the first start"
    )
    .option("--port <port>", "port to listen on (default: server.port of the configuration)", wholeNumber)
    .action((options: StartOptions) => start(options));
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text))
    throw new UserError(`a port is a whole number, not ${text}`, "for example --port 3001");
  return Number(text);
}

// A failure that is not the user's is our bug: its stack is for whoever reports it, and only when asked for.
function report(error: unknown, io: Io): number {
  const {message, hint} = explain(error);
  io.err(`error: ${message}${hint ? `\n  ${hint}` : ""}`);
  if (error instanceof UserError) return 2;
  if (process.env.EXPANTO_DEBUG && error instanceof Error) io.err(error.stack ?? "");
  return 1;
}
