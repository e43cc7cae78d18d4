import {loadConfig} from "../config.js";
import {closeStore, openStore, type Store} from "../store.js";
import type {Config} from "../config/types.js";
import {storeFile} from "../workspace.js";

/** Returns once work on the store of a folder's workspace is done, and closes it. */
export async function withStore(
  folder: string,
  work: (store: Store, config: Config) => Promise<void> | void
): Promise<void> {
  const config = await loadConfig(folder);
  const store = await openStore(storeFile(config));
  try {
    await work(store, config);
  } finally {
    closeStore(store);
  }
}
