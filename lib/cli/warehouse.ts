import {cacheFolder} from "../cache.js";
import {loadConfig} from "../config.js";
import {UserError} from "../errors.js";
import {findObservation} from "../observations.js";
import {planCalculation} from "../job-plan.js";
import {sqlOf} from "../sql-of.js";
import {closeStore} from "../store.js";
import {estimateWords} from "../warehouse/estimate.js";
import {openConnector} from "../warehouse/open.js";
import {openWorkspace} from "../workspace.js";
import type {Io} from "./main.js";

/** Connects to the configured warehouse and prints what answered; throws a UserError that says what is missing. */
export async function testWarehouse(io: Io) {
  const config = await loadConfig(io.folder);
  const connector = await openConnector(config.warehouse, {writable: [cacheFolder(config)]});
  try {
    io.out(await connector.test());
    const {batches} = await connector.run("select 1 as one", {tag: "expanto-test"});
    let rows = 0;
    for await (const batch of batches) rows += batch.length;
    if (rows !== 1) throw new UserError(`a query of one row gave ${rows}`);
    io.out("A query runs, and its answer arrives.");
  } finally {
    await connector.close();
  }
}

/** Prints what an observation's query would read and give, as far as the warehouse can tell. */
export async function estimateObservation(named: string, io: Io) {
  const workspace = await openWorkspace(io.folder);
  const {config, store} = workspace;
  try {
    const {observation, metrics} = await planCalculation(workspace, findObservation(store, named));
    const sql = await sqlOf(config, observation, metrics);
    io.out(await estimateWords(config, sql));
  } finally {
    closeStore(store);
  }
}
