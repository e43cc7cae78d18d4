import {readFileSync} from "node:fs";
import type {Warehouse} from "./config/types.js";

type Package = {version: string; dependencies: Record<string, string>};

const {version, dependencies}: Package = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8")
);

/** Returns what a job is made by now: this program, and the engines its numbers come from. */
export function madeBy({type}: Pick<Warehouse, "type">): {expanto: string; engine: string} {
  const here = `duckdb ${dependencies["@duckdb/node-api"]}`;
  return {expanto: version, engine: type === "duckdb" ? here : `${type}, ${here}`};
}
