// What a workspace is configured to be: expanto.config.yaml, checked, with its defaults and its secrets.

import type {Role, StatisticsDefaults} from "../types.js";

export type Config = {
  /** Absolute path of expanto.config.yaml, or of the folder's place for it where there is none. */
  file: string;
  /** Absolute folders. */
  folders: {metrics: string; queries: string; data: string};
  warehouse: Warehouse;
  limits: QueryLimits;
  /** What a query brings home: a row per unit, or moments alone where the warehouse is to do all the work. */
  results: "units" | "moments";
  /** How many bytes the cached user aggregates may take; null is no limit. */
  cache: {limit: number | null};
  scenarios: {
    default: string;
    /** Entry template by scenario, relative to folders.queries. */ templates: Record<string, string>;
  };
  statistics: StatisticsDefaults;
  /** Units a cell must have in every variant to be published by itself. */
  reports: {minimumUnits: number};
  server: {
    host: string;
    port: number;
    /** Where people reach it, where that is not the host and port it listens on. */
    url: string | null;
    jobsAtOnce: number;
    /** Addresses of proxies that say in X-Forwarded-For who connected to them. */
    proxies: string[];
    shutdownSeconds: number;
    log: LogLevel;
  };
  auth: AuthConfig;
  assistant: AssistantConfig;
  schedule: ScheduleConfig;
  retention: Retention;
};

/** When running experiments are calculated again, and who is told what is wrong. */
export type ScheduleConfig = {
  /** Times of day, UTC: "03:00". */
  at: string[];
  webhook: string | null;
  /** Goes with what is sent, so that the receiver knows who sends it. */
  secret: string | null;
};

/** What is kept; null keeps everything. A job goes where it is beyond each limit that is set. */
export type Retention = {
  /** Completed jobs of an observation. */
  jobs: number | null;
  jobsDays: number | null;
  /** Of the trail of changes. */
  trailDays: number | null;
};

/** How people sign in; with neither a login nor a proxy nobody has to. */
export type AuthConfig = {
  login: boolean;
  sessionHours: number;
  proxy: ProxyConfig | null;
};

/** A reverse proxy that says who asks: in which header, and from which addresses it is believed. */
export type ProxyConfig = {header: string; roleHeader: string | null; role: Role; trusted: string[]};

/** Which model answers in the chat; without an address, rules do. */
export type AssistantConfig = {
  /** An OpenAI-compatible endpoint. */
  baseUrl: string | null;
  /** One model for every duty that models does not name. */
  model: string | null;
  models: {fast: string | null; agentic: string | null; thinker: string | null};
  /** How long a model may be silent. */
  timeLimitMs: number;
  /** Of the same endpoint; search by meaning needs it. */
  embeddingsModel: string | null;
  /** A Chroma server that runs already. */
  chromaUrl: string | null;
  apiKey: string | null;
  tavilyKey: string | null;
};

export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Where assignments and events live. */
export type Warehouse = EmbeddedWarehouse | PostgresWarehouse | BigQueryWarehouse | SnowflakeWarehouse;

/** A folder of Parquet or CSV files (each a table), or a DuckDB file opened read-only. */
export type EmbeddedWarehouse = {type: "duckdb"; path: string; memoryLimit: string; threads: number | null};

export type PostgresWarehouse = {
  type: "postgres";
  host: string;
  port: number;
  database: string;
  user: string;
  password: string | null;
  ssl: boolean;
};

export type BigQueryWarehouse = {
  type: "bigquery";
  project: string;
  location: string | null;
  dataset: string | null;
  /** A service account's key; without one, the machine's own credentials. */
  keyFile: string | null;
  endpoint: string | null;
};

export type SnowflakeWarehouse = {
  type: "snowflake";
  account: string;
  user: string;
  role: string | null;
  warehouse: string | null;
  database: string | null;
  schema: string | null;
  privateKeyFile: string;
  passphrase: string | null;
  endpoint: string | null;
};

/** What a query may take before it is refused or stopped; null is no limit. */
export type QueryLimits = {timeLimitMs: number | null; byteLimit: number | null};
