// What all pieces are made with.

import {createHash} from "node:crypto";
import type {Instant} from "../types.js";
import type {RunOptions} from "../warehouse/connector.js";
import {literal, type DuckDB} from "../warehouse/duckdb.js";

/** What makes pieces, and where they are kept; `allow` throws where the warehouse must not be asked. */
export type Engine = {
  duckdb: DuckDB;
  cache: string;
  options: RunOptions;
  allow?: () => Promise<void>;
  /** Hears what is being done. */
  tell?: (phase: string) => void;
  /** A window that ends later may still get events. */
  now?: Instant;
};

/** How many pieces were there already, and how many were made. */
export type Count = {found: number; made: number};

/** Returns the relation of a Parquet file. */
export const parquet = (file: string) => `read_parquet(${literal(file)})`;

/** Returns what a piece is kept by. */
export const hash = (...parts: string[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
