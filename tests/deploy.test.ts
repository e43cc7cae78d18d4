import {spawnSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {describe, expect, test} from "vitest";
import {commands} from "../lib/cli/commands.js";
import {loadConfig} from "../lib/config.js";

const read = (file: string) => readFileSync(`deploy/${file}`, "utf8");
const program = commands(
  {start: async () => {}, publish: async () => []},
  {out: () => {}, err: () => {}, input: async () => "", now: () => "", folder: "."}
);

/** Returns what is wrong with a command line that starts the program where it is installed. */
function wrongWith(words: string[]): string[] {
  const [node, file, name, ...options] = words;
  const command = program.commands.find((each) => each.name() === name);
  const known = command?.options.map(({long}) => long) ?? [];
  const flags = options.filter((word) => word.startsWith("--"));
  return [
    ...(/(^|\/)node$/.test(node) ? [] : [`not Node: ${node}`]),
    ...(existsSync(inProject(file)) ? [] : [`no file ${file}`]),
    ...(command ? [] : [`no command ${name}`]),
    ...flags.filter((flag) => !known.includes(flag)).map((flag) => `no option ${flag}`)
  ];
}

const inProject = (path: string) => path.replace(/^\/opt\/expanto/, ".");

describe("the units of systemd", () => {
  const units = ["expanto.service", "expanto-schedule.service", "expanto-schedule.timer"];
  const valueOf = (unit: string, key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(read(unit))?.[1];

  test.each(units.slice(0, 2))("%s starts a command that there is, by a user of its own", (unit) => {
    expect(wrongWith(valueOf(unit, "ExecStart")!.split(" "))).toEqual([]);
    expect([valueOf(unit, "User"), valueOf(unit, "NoNewPrivileges")]).toEqual(["expanto", "yes"]);
  });

  test("a server that is stopped has longer than running calculations are given", async () => {
    const {shutdownSeconds} = (await loadConfig(".")).server;
    expect(Number(valueOf("expanto.service", "TimeoutStopSec"))).toBeGreaterThan(shutdownSeconds);
  });

  test("the timer is at the configured time, and makes good a night that was slept through", async () => {
    const [at] = (await loadConfig(".")).schedule.at;
    expect(valueOf("expanto-schedule.timer", "OnCalendar")).toBe(`*-*-* ${at}:00 UTC`);
    expect(valueOf("expanto-schedule.timer", "Persistent")).toBe("true");
  });

  test("systemd itself finds nothing wrong with them", (context) => {
    const {status, stderr, error} = spawnSync(
      "systemd-analyze",
      ["verify", ...units.map((unit) => `deploy/${unit}`)],
      {encoding: "utf8"}
    );
    if (error) return context.skip("systemd-analyze is not installed");
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describe("the container file", () => {
  const lines = read("Containerfile").replace(/\\\n/g, " ").split("\n");
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  test("is made of a Node that the program runs on", () => {
    const {engines} = JSON.parse(readFileSync("package.json", "utf8")) as {engines: {node: string}};
    const least = Number(/\d+/.exec(engines.node)![0]);
    for (const image of after("FROM"))
      expect(Number(/^node:(\d+)-/.exec(image)?.[1])).toBeGreaterThanOrEqual(least);
  });

  test("copies what there is, and starts a command that there is, not as root", () => {
    const copied = after("COPY")
      .filter((line) => !line.startsWith("--from"))
      .flatMap((line) => line.split(" ").slice(0, -1));
    expect(copied.filter((file) => !existsSync(file))).toEqual([]);
    const [entry, command] = [...after("ENTRYPOINT"), ...after("CMD")].map(
      (line) => JSON.parse(line) as string[]
    );
    expect(wrongWith([...entry, ...command])).toEqual([]);
    expect(after("USER")).toEqual(["node"]);
  });

  test("asks where the server listens whether it is ready", () => {
    const [health] = after("HEALTHCHECK");
    const port = after("CMD")[0].match(/\d+/)![0];
    expect(health).toContain(`http://127.0.0.1:${port}/ready`);
    expect(after("EXPOSE")).toEqual([port]);
  });
});
