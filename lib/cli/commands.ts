import {Command, Option} from "commander";
import {UserError} from "../errors.js";
import type {Io, Parts, StartOptions} from "./main.js";

/** Returns the command line's commands; what a command needs is loaded when it runs, so that help is quick. */
export function commands({start, publish, mcp}: Omit<Parts, "io">, io: Io): Command {
  const program = new Command("expanto").description("A notebook-style workspace for analysing A/B tests.");
  addStart(program, start);
  addAnalyze(program, io);
  addAudit(program, io);
  addCalculate(program, io);
  addExperimentFiles(program, io);
  addReport(program, publish, io);
  addOpen(program, start, io);
  addValidate(program, io);
  addWarehouse(program, io);
  addCache(program, io);
  addCare(program, io);
  addSchedule(program, io);
  addAccess(program, io);
  program
    .command("compute")
    .description(
      "statistics for other tools: cases as JSON on standard input, results as JSON on standard output"
    )
    .action(async () => (await import("./compute.js")).compute(io));
  program
    .command("mcp")
    .description("the assistant's tools for other programs, by the Model Context Protocol; they only read")
    .action(() => mcp?.());
  return program;
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

function addAnalyze(program: Command, io: Io) {
  program
    .command("analyze")
    .description("analyse a CSV or Parquet file with one row per unit")
    .argument("<file>", "CSV with a header line, or Parquet")
    .option("--unit <column>", "column that names the unit; without it each row is a unit")
    .requiredOption("--variant <column>", "column that names each unit's variant")
    .requiredOption("--control <name>", "the variant the others are compared with")
    .addOption(many("--mean <column>", "a number, compared by its mean (Welch's t)"))
    .addOption(many("--proportion <column>", "TRUE/FALSE or 0/1, compared by its rate"))
    .addOption(many("--ratio <num/den>", "two columns, compared by the ratio of their sums (delta method)"))
    .addOption(many("--lower-is-better <metric>", "a metric, as named above, that should fall"))
    .option("--confidence <fraction>", "confidence of the intervals, between 0 and 1", Number, 0.95)
    .option(
      "--allocation <shares>",
      "expected shares, such as control=1,treatment=1 (default: equal)",
      shares
    )
    .option("--aggregate", "sum the rows of a unit instead of refusing a unit with several rows")
    .option("--json", "print JSON instead of a table")
    .action(async (file, options) => (await import("./analyze.js")).analyze(file, options, io));
}

function addAudit(program: Command, io: Io) {
  program
    .command("audit")
    .description("shuffle the assignment of one's own units: does the test reject as often as it says?")
    .argument("<target>", "CSV or Parquet file, or an observation: its number, or EXPERIMENT/OBSERVATION")
    .option("--unit <column>", "of a file: column that names the unit; without it each row is a unit")
    .option("--variant <column>", "of a file: column that names each unit's variant")
    .option("--control <name>", "the variant the others are compared with")
    .addOption(many("--mean <column>", "of a file: a number, compared by its mean"))
    .addOption(many("--proportion <column>", "of a file: TRUE/FALSE or 0/1, compared by its rate"))
    .addOption(many("--ratio <num/den>", "of a file: two columns, compared by the ratio of their sums"))
    .addOption(many("--metric <alias>", "of an observation: a metric (default: the key metrics)"))
    .option("--aggregate", "of a file: sum the rows of a unit")
    .option("--permutations <n>", "how many shuffles", Number, 2000)
    .option("--seed <n>", "seed of the shuffles", Number, 1)
    .option("--confidence <fraction>", "confidence of the test (default: 0.95, or the workspace's)", Number)
    .option("--json", "print JSON instead of sentences")
    .action(async (target, options) => (await import("./audit.js")).audit(target, options, io));
}

function addCalculate(program: Command, io: Io) {
  program
    .command("calculate")
    .description("calculate an observation; without one, list them")
    .argument("[observation]", "its number, or EXPERIMENT/OBSERVATION by name")
    .option("--fresh", "ask the warehouse again, though its answer is kept")
    .action(async (named, {fresh}) =>
      (await import("./calculate.js")).calculateObservation(named, io, {isFresh: fresh})
    );
}

function addExperimentFiles(program: Command, io: Io) {
  program
    .command("apply")
    .description(
      "create or update an experiment and its observations from a file; shows the difference first"
    )
    .argument("<file>", "an experiment as YAML, as `expanto export` writes it")
    .option("--dry-run", "only show the difference")
    .action(async (file, options) => (await import("./experiment-files.js")).applyFile(file, options, io));
  program
    .command("export")
    .description("write an experiment and its observations as YAML")
    .argument("<experiment>", "its name or number")
    .action(async (named) => (await import("./experiment-files.js")).exportFile(named, io));
}

function addReport(program: Command, publish: Parts["publish"], io: Io) {
  program
    .command("report")
    .description("publish experiments as reports that need no server: pages of a folder, or a file each")
    .argument("[experiments...]", "their names or numbers, or EXPERIMENT/OBSERVATION")
    .option("--all", "every experiment that has been calculated")
    .option("--out <folder>", "where they go (default: reports in the data folder, which the server shows)")
    .option("--observation <number>", "an observation of its experiment that is not its first one", Number)
    .option("--single-file", "one HTML file a report, which opens by a double click")
    .option(
      "--minimum <units>",
      "units a cell must have in every variant (default: the configuration’s)",
      units
    )
    .addOption(new Option("--by <name>", "who publishes, as the trail keeps it").hideHelp())
    .action(async (named, options) => (await import("./report.js")).report(named, options, {io, publish}));
}

function addOpen(program: Command, start: Parts["start"], io: Io) {
  program
    .command("open")
    .description("open a published report as a notebook again, in a workspace of its own")
    .argument("<report>", "its file, or the folder it is in")
    .option("--folder <folder>", "where that workspace goes (default: a new folder here)")
    .option("--link <address>", "what its next report links back to (default: the file’s name)")
    .option("--port <port>", "port to listen on", wholeNumber)
    .action(async (path, options) => (await import("./open.js")).openReport(path, options, {io, start}));
}

function addValidate(program: Command, io: Io) {
  program
    .command("validate")
    .description("check all metrics and query templates; every problem at its file:line:column")
    .option("--metrics <folder>", "check this folder of metrics instead of the configured one")
    .option("--queries <folder>", "check this folder of templates instead of the configured one")
    .action(async (options) => (await import("./validate.js")).validate(options, io));
}

function addWarehouse(program: Command, io: Io) {
  const warehouse = program.command("warehouse").description("the warehouse that the configuration names");
  warehouse
    .command("test")
    .description("connect, and try what every observation needs; says what is missing")
    .action(async () => (await import("./warehouse.js")).testWarehouse(io));
  warehouse
    .command("estimate")
    .description("what an observation's query would read, without running it")
    .argument("<observation>", "its number, or EXPERIMENT/OBSERVATION by name")
    .action(async (named) => (await import("./warehouse.js")).estimateObservation(named, io));
}

function addCache(program: Command, io: Io) {
  const cache = program.command("cache").description("the cached user aggregates");
  cache
    .command("list")
    .description("what it holds, the least recently used first")
    .action(async () => (await import("./cache.js")).listCache(io));
  cache
    .command("verify")
    .description("read every file to its end")
    .action(async () => (await import("./cache.js")).checkCache(io));
  cache
    .command("prune")
    .description("remove what was not used for longest; nothing used within the last hour")
    .option("--to <size>", "until the cache is no larger than this", "20GB")
    .action(async (options) => (await import("./cache.js")).shrinkCache(options, io));
}

function addCare(program: Command, io: Io) {
  program
    .command("backup")
    .description("copy the database into one file; a server may go on meanwhile")
    .argument(
      "[file]",
      "the file to make (default: one named for this moment, in the data folder's backups/)"
    )
    .action(async (file) => (await import("./backup.js")).backup(file, io));
  program
    .command("restore")
    .description(
      "put a backup in the place of the database, which is kept aside; refuses while a server runs"
    )
    .argument("<file>", "a file that `expanto backup` made, or a copy from before a migration")
    .action(async (file) => (await import("./backup.js")).restore(file, io));
  program
    .command("doctor")
    .description("look at all the workspace stands on; each line says ok, or what to do")
    .action(async () => (await import("./doctor.js")).doctor(io));
}

function addSchedule(program: Command, io: Io) {
  program
    .command("schedule")
    .description("calculate running experiments again every day, and tell a webhook what is wrong with them")
    .option("--once", "now, and then end: for cron or a timer of systemd")
    .action(async (options) => (await import("./schedule.js")).schedule(options, io));
  program
    .command("prune")
    .description("remove what retention in the configuration no longer keeps; the schedule does it too")
    .option("--dry-run", "only say how much that is")
    .action(async (options) => (await import("./schedule.js")).prune(options, io));
}

function addAccess(program: Command, io: Io) {
  const role = ["--role <role>", "viewer (reads), analyst (also changes) or admin (everything)"] as const;
  const user = program.command("user").description("people who sign in; a password is read from a terminal or a pipe"); // prettier-ignore
  user
    .command("add")
    .argument("<name>")
    .requiredOption(...role)
    .action(async (name, {role}) => (await import("./access.js")).add({name, role}, io));
  user.command("list").action(async () => (await import("./access.js")).listUsers(io));
  user
    .command("role")
    .description("give somebody another role")
    .argument("<name>")
    .argument("<role>", role[1])
    .action(async (name, role) => (await import("./access.js")).giveRole({name, role}, io));
  user
    .command("password")
    .description("give somebody another password; signs them out everywhere")
    .argument("<name>")
    .action(async (name) => (await import("./access.js")).givePassword(name, io));
  user
    .command("remove")
    .description("sign somebody out everywhere and for good")
    .argument("<name>")
    .action(async (name) => (await import("./access.js")).remove(name, io));
  const token = program.command("token").description("tokens by which programs come in");
  token
    .command("create")
    .description("print a new token, once; programs send it as Authorization: Bearer TOKEN")
    .requiredOption("--name <name>", "what the trail calls it")
    .requiredOption(...role)
    .option("--days <n>", "how long it holds", Number, 90)
    .action(async (options) => (await import("./access.js")).createToken(options, io));
  token.command("list").action(async () => (await import("./access.js")).listTokens(io));
  token
    .command("revoke")
    .argument("<name>")
    .action(async (name) => (await import("./access.js")).revoke(name, io));
  program
    .command("trail")
    .description("who signed in, was refused, or changed users and tokens, oldest first")
    .option("--since <day>", "from this day on, such as 2026-01-31")
    .action(async (options) => (await import("./access.js")).printTrail(options, io));
}

function many(flags: string, description: string) {
  const collect = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];
  return new Option(flags, `${description}; may be repeated`).argParser(collect).default([], "none");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw new UserError(`a port is a whole number, not ${text}`, "for example --port 3001");
  return Number(text);
}

function units(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError(`--minimum is a whole number above 0, not ${text}`, "for example --minimum 50");
}

function shares(text: string): Record<string, number> {
  const pairs = text
    .split(",")
    .map(
      (pair) => [pair.slice(0, pair.lastIndexOf("=")), Number(pair.slice(pair.lastIndexOf("=") + 1))] as const
    );
  if (pairs.some(([name, share]) => !name || !(share > 0))) {
    throw new UserError(
      `--allocation cannot be read: ${text}`,
      "write NAME=SHARE,NAME=SHARE with positive shares"
    );
  }
  return Object.fromEntries(pairs);
}
