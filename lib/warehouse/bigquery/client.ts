import {readFile} from "node:fs/promises";
import type {BigQuery} from "@google-cloud/bigquery";
import {rememberKey} from "../../config/secrets.js";
import type {BigQueryWarehouse} from "../../config/types.js";
import {WarehouseError} from "../error.js";

/** Returns the driver's client; throws a WarehouseError for a key file that cannot be read or is none. */
export async function clientOf({project, location, keyFile, endpoint}: BigQueryWarehouse): Promise<BigQuery> {
  refuseEmulator();
  if (keyFile) await checkKey(keyFile);
  const {BigQuery: Client} = await import("@google-cloud/bigquery");
  const isLocal = endpoint !== null && new URL(endpoint).hostname === "127.0.0.1";
  // Without it the driver looks for a cloud's metadata server first.
  const authClient =
    isLocal && !keyFile ? new (await import("google-auth-library")).PassThroughClient() : undefined;
  return new Client({
    projectId: project,
    ...(location ? {location} : {}),
    ...(keyFile ? {keyFilename: keyFile} : {}),
    ...(endpoint ? {apiEndpoint: endpoint} : {}),
    ...(authClient ? {authClient} : {})
  } as ConstructorParameters<typeof Client>[0]);
}

function refuseEmulator() {
  if (!process.env.BIGQUERY_EMULATOR_HOST) return;
  throw new WarehouseError(
    "other",
    "BIGQUERY_EMULATOR_HOST is set, and the driver would silently follow it",
    "unset it, and set warehouse.endpoint in expanto.config.yaml where you want another address"
  );
}

// With an endpoint of one's own the driver goes on without a key it cannot read; nor may its words quote the file.
async function checkKey(file: string) {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw unusable(`the key file cannot be read (${error.code}): ${file}`);
  });
  rememberKey(text);
  if (!isKey(text)) throw unusable(`the key file is no key in JSON: ${file}`);
}

function isKey(text: string): boolean {
  try {
    return typeof JSON.parse(text)?.type === "string";
  } catch {
    return false;
  }
}

const unusable = (message: string) =>
  new WarehouseError(
    "credentials",
    message,
    "set warehouse.key_file in expanto.config.yaml to the JSON file that Google Cloud gave for the service account"
  );
