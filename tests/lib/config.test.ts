import {mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, describe, expect, test} from "vitest";
import {loadConfig} from "../../lib/config.js";
import {allFields, builtInTemplates} from "../../lib/config/schema.js";

let outside: string;
let project: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "expanto-config-"));
  project = join(outside, "project");
  mkdirSync(project);
});

afterEach(() => rmSync(outside, {recursive: true}));

function write(yaml: string): void {
  writeFileSync(join(project, "expanto.config.yaml"), yaml);
}

async function refusal(environment: Record<string, string> = {}): Promise<string[]> {
  const error = await loadConfig(project, environment).catch((thrown: Error) => thrown);
  if (!(error instanceof Error)) throw new Error("the configuration was accepted");
  return error.message.replaceAll(join(project, "expanto.config.yaml"), "config").split("\n  ").slice(1);
}

const assistant = {
  baseUrl: null,
  model: null,
  models: {fast: null, agentic: null, thinker: null},
  timeLimitMs: 60_000,
  embeddingsModel: null,
  chromaUrl: null,
  apiKey: null,
  tavilyKey: null
};
const defaults = (folder: string): unknown => ({
  file: join(folder, "expanto.config.yaml"),
  folders: {
    metrics: join(folder, "metrics"),
    queries: join(folder, "queries"),
    data: join(folder, ".expanto")
  },
  warehouse: {type: "duckdb", path: join(folder, ".expanto/demo"), memoryLimit: "2GB", threads: null},
  limits: {timeLimitMs: null, byteLimit: null},
  results: "units",
  cache: {limit: null},
  scenarios: {
    default: "duckdb",
    templates: {
      duckdb: "events/__entry__.sql",
      postgres: "events/__entry__.sql",
      bigquery: "events/__entry__.sql",
      snowflake: "events/__entry__.sql",
      file: "file/__entry__.sql"
    }
  },
  statistics: {confidence: 0.95, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000},
  reports: {minimumUnits: 20},
  server: {
    host: "127.0.0.1",
    port: 3000,
    url: null,
    proxies: [],
    jobsAtOnce: 2,
    shutdownSeconds: 10,
    log: "warn"
  },
  auth: {login: false, sessionHours: 12, proxy: null},
  assistant,
  schedule: {at: ["03:00"], webhook: null, secret: null},
  retention: {jobs: null, jobsDays: null, trailDays: null}
});

describe("reading", () => {
  test("without a file every field has its default", async () => {
    expect(await loadConfig(project, {})).toEqual(defaults(project));
  });

  test("an empty file and empty sections stand for the defaults", async () => {
    write("# nothing yet\n");
    expect(await loadConfig(project, {})).toEqual(defaults(project));
    write("server:\nfolders: null\n");
    expect(await loadConfig(project, {})).toEqual(defaults(project));
  });

  test("the project's own file shows the defaults", async () => {
    expect(await loadConfig(".", {})).toEqual(defaults(process.cwd()));
  });

  test("what is written replaces its default and nothing else", async () => {
    write(`
folders: {metrics: /srv/metrics, data: ~/expanto}
warehouse: {path: events.duckdb, memory_limit: 512 MB, threads: 4}
scenarios: {default: shop, templates: {shop: shop/main.sql}}
statistics: {confidence: 0.9}
assistant: {base_url: "http://127.0.0.1:11434/v1", model: small}
`);
    expect(await loadConfig(project, {HOME: "/home/ada"})).toEqual({
      ...(defaults(project) as object),
      folders: {metrics: "/srv/metrics", queries: join(project, "queries"), data: "/home/ada/expanto"},
      warehouse: {type: "duckdb", path: join(project, "events.duckdb"), memoryLimit: "512 MB", threads: 4},
      scenarios: {
        default: "shop",
        templates: {...builtInTemplates, shop: "shop/main.sql"}
      },
      statistics: {confidence: 0.9, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000},
      assistant: {...assistant, baseUrl: "http://127.0.0.1:11434/v1", model: "small"}
    });
  });
});

describe("warehouses", () => {
  test("of PostgreSQL: its password comes from the environment, its scenario from its type", async () => {
    write(
      "warehouse: {type: postgres, database: shop, user: ada, time_limit_seconds: 90, byte_limit: 1.5 GiB, results: moments}"
    );
    const config = await loadConfig(project, {EXPANTO_POSTGRES_PASSWORD: "pw"});
    const {warehouse, limits, results, scenarios} = config;
    expect(warehouse).toEqual({
      type: "postgres",
      host: "127.0.0.1",
      port: 5432,
      database: "shop",
      user: "ada",
      password: "pw",
      ssl: false
    });
    expect([limits, results, scenarios.default]).toEqual([
      {timeLimitMs: 90_000, byteLimit: 1.5 * 1024 ** 3},
      "moments",
      "postgres"
    ]);
  });

  test("of Snowflake: a private key inside of the project is refused", async () => {
    const fields = "type: snowflake, account: acme, user: ada";
    write(`warehouse: {${fields}, private_key_file: ~/key.p8}`);
    const secrets = {HOME: "/home/ada", EXPANTO_SNOWFLAKE_PASSPHRASE: "pp"};
    expect((await loadConfig(project, secrets)).warehouse).toMatchObject({
      privateKeyFile: "/home/ada/key.p8",
      passphrase: "pp"
    });
    write(`warehouse: {${fields}, private_key_file: key.p8}`);
    await expect(loadConfig(project, secrets)).rejects.toThrow(
      "warehouse.private_key_file must be outside of the project"
    );
  });
});

describe("problems", () => {
  test("all are told at once, each at its place with its rule", async () => {
    write(`foldrs: {}
folders: {metrics: 3, querys: x}
warehouse: {type: duckbd, memory_limit: lots, threads: 0}
scenarios: {default: duckbd, templates: {"a b": x.sql, up: ../x.sql, abs: /x.sql}}
statistics: {confidence: 95, power: high}
server: {host: "", port: 80.5}
assistant: {base_url: "ftp://x", model: [a]}
`);
    expect(await refusal()).toEqual([
      "config:1:1  unknown field: foldrs; did you mean folders?",
      "config:2:20  folders.metrics: must be text, not 3",
      "config:2:23  unknown field: folders.querys; did you mean queries?",
      'config:3:19  warehouse.type: must be duckdb, postgres, bigquery or snowflake, not "duckbd"',
      'config:3:41  warehouse.memory_limit: must be a size such as 2GB or 512MB, not "lots"',
      "config:3:56  warehouse.threads: must be at least 1, not 0",
      "config:4:22  scenarios.default: unknown scenario duckbd; did you mean duckdb?",
      "config:4:49  scenarios.templates.a b: must be a name of letters, digits, _ and -",
      'config:4:60  scenarios.templates.up: must be a path inside folders.queries, not "../x.sql"',
      'config:4:75  scenarios.templates.abs: must be a path inside folders.queries, not "/x.sql"',
      "config:5:26  statistics.confidence: must be below 1, not 95",
      'config:5:37  statistics.power: must be a number, not "high"',
      "config:6:16  server.host: must not be empty",
      "config:6:26  server.port: must be a whole number, not 80.5",
      'config:7:23  assistant.base_url: must be an address such as https://models.example.com/v1, not "ftp://x"',
      'config:7:41  assistant.model: must be text, not ["a"]'
    ]);
  });

  test("a field of another type of warehouse, and one that is needed, are told", async () => {
    write("warehouse:\n  type: bigquery\n  dataset: events\n  host: example.com\n");
    const known = "bigquery has project, location, dataset, key_file, endpoint";
    expect(await refusal()).toEqual([
      `config:2:9  warehouse.project is missing: a bigquery warehouse needs it; ${known}`,
      `config:4:3  warehouse.host is no field of a bigquery warehouse; ${known}`
    ]);
  });

  test("broken YAML, and YAML that is no map, are told at their place", async () => {
    write("server: {port: 1\n");
    expect(await refusal()).toEqual([expect.stringMatching(/^config:2:1 {2}broken YAML: /)]);
    write("- a\n");
    expect(await refusal()).toEqual([
      "config:1:1  the configuration must be a map, not a list; its fields are folders, warehouse, cache, scenarios, statistics, reports, server, auth, assistant, schedule, retention, secrets"
    ]);
  });
});

describe("secrets", () => {
  const key = "EXPANTO_ASSISTANT_API_KEY";
  const keyOf = async (environment: Record<string, string> = {}): Promise<string | null> =>
    (await loadConfig(project, environment)).assistant.apiKey;

  test("a field that would hold one is refused, says where it belongs and never repeats it", async () => {
    write(
      'assistant: {api_key: abc123, base_url: "https://me:abc123@x.com"}\nwarehouse: {password: abc123}\ntoken: abc123\n'
    );
    const lines = await refusal();
    expect(lines.map((line) => line.split(";")[0])).toEqual([
      "config:1:13  a secret must not stand in this file: api_key",
      "config:1:40  a secret must not stand in this file: base_url has a password",
      "config:2:13  a secret must not stand in this file: password",
      "config:3:1  a secret must not stand in this file: token"
    ]);
    expect(lines.join()).toContain(`set an environment variable (${key}`);
    expect(lines.join()).not.toContain("abc123");
  });

  test("the environment comes before the file it names, which comes before the file the project names", async () => {
    writeFileSync(join(outside, "one.env"), `# ours\nOTHER=1\nexport ${key}="from one"\n`);
    writeFileSync(join(outside, "two.env"), `${key}=from-two\n`);
    write("secrets: ~/two.env\n");
    expect(await keyOf({HOME: outside})).toBe("from-two");
    expect(await keyOf({HOME: outside, EXPANTO_SECRETS: join(outside, "one.env")})).toBe("from one");
    expect(await keyOf({[key]: "own", EXPANTO_SECRETS: join(outside, "one.env")})).toBe("own");
  });

  test("a file without the key, or with an empty one, gives none", async () => {
    writeFileSync(join(outside, "none.env"), `${key}=\nOTHER=1\n`);
    expect(await keyOf({EXPANTO_SECRETS: join(outside, "none.env")})).toBeNull();
  });

  test("a file inside the project is refused, also behind a link", async () => {
    writeFileSync(join(project, "secrets.env"), `${key}=a\n`);
    symlinkSync(join(project, "secrets.env"), join(outside, "link.env"));
    write("secrets: secrets.env\n");
    const place = {file: join(project, "expanto.config.yaml"), line: 1, column: 10};
    const message = "the secrets file must be outside of the project: secrets.env";
    await expect(keyOf()).rejects.toMatchObject({name: "UserError", message, place});
    await expect(keyOf({EXPANTO_SECRETS: join(outside, "link.env")})).rejects.toThrow(
      /must be outside of the project/
    );
  });

  test("a file that does not exist is told", async () => {
    const named = join(outside, "no.env");
    await expect(keyOf({EXPANTO_SECRETS: named})).rejects.toThrow(
      `the secrets file does not exist: ${named}`
    );
  });
});

test("every field of the configuration is documented", () => {
  const page = readFileSync("docs/configuration.md", "utf8");
  expect(allFields().filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
});
