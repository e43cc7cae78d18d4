import type {Client, FieldDef} from "pg";
import type {PostgresWarehouse} from "../../config/types.js";
import type {RunOptions} from "../connector.js";
import {connect, type Driver} from "./connect.js";

type Session = {driver: Driver; client: Client; warehouse: PostgresWarehouse};
type Row = (string | null)[];

/** Rows as the server wrote them, in batches; reading them to the end, or leaving early, ends the query. */
export type RowStream = {fields: FieldDef[]; rows: AsyncIterable<Row[]>};

const batchSize = 10_000;

/**
 * Returns the rows of a query as they arrive: the socket pauses while nobody reads, so that memory stays flat. An
 * abort, and leaving early, cancel the query at the server from a second connection. (A cursor would be shorter, but rows
 * asked for by count keep PostgreSQL from working in parallel.)
 */
export async function streamRows(
  session: Session,
  text: string,
  {signal, onProgress}: RunOptions
): Promise<RowStream> {
  const {driver, client} = session;
  const state = {
    batch: [] as Row[],
    fields: null as FieldDef[] | null,
    isDone: false,
    error: null as unknown,
    count: 0
  };
  let wake = () => {};
  const changed = () => new Promise<void>((resolve) => (wake = resolve));
  const socket = (client as unknown as {connection: {stream: NodeJS.ReadStream}}).connection.stream;
  const cancel = () => void cancelAt(session);
  signal?.addEventListener("abort", cancel, {once: true});
  const end = (error: unknown) => {
    Object.assign(state, {isDone: true, error});
    signal?.removeEventListener("abort", cancel);
    wake();
  };

  const query = new driver.Query({
    text,
    values: [],
    queryMode: "extended",
    rowMode: "array",
    types: asText
  } as never);
  query.on("row", (row, result) => {
    state.fields ??= result?.fields ?? null;
    state.batch.push(row as unknown as Row);
    if (state.batch.length >= batchSize) socket.pause();
    if (state.batch.length === 1 || state.batch.length >= batchSize) wake();
  });
  query.on("end", (result) => {
    state.fields ??= (result as unknown as {fields: FieldDef[]}).fields;
    end(null);
  });
  query.on("error", (error) => end(error));
  onProgress?.({phase: "running", share: null, rows: 0});
  client.query(query);
  if (signal?.aborted) cancel();

  while (!state.fields && !state.isDone) await changed();
  if (state.error) throw state.error;
  return {fields: state.fields!, rows: rowsOf()};

  async function* rowsOf(): AsyncGenerator<Row[]> {
    try {
      for (;;) {
        while (state.batch.length < batchSize && !state.isDone) await changed();
        if (state.error) throw state.error;
        const rows = state.batch;
        state.batch = [];
        state.count += rows.length;
        socket.resume();
        if (rows.length) yield rows;
        onProgress?.({phase: "fetching", share: null, rows: state.count});
        if (state.isDone && !state.batch.length) return;
      }
    } finally {
      if (!state.isDone) {
        cancel();
        socket.resume();
        state.batch = [];
        while (!state.isDone) {
          state.batch = [];
          await changed();
        }
      }
    }
  }
}

const asText = {getTypeParser: () => (text: string) => text};

async function cancelAt({driver, client, warehouse}: Session) {
  const {processID} = client as unknown as {processID: number};
  const other = await connect(driver, warehouse).catch(() => null);
  try {
    await other?.query("select pg_cancel_backend($1)", [processID]);
  } finally {
    await other?.end();
  }
}
