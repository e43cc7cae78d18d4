import type {Context} from "hono";
import {streamSSE} from "hono/streaming";
import type {Change} from "../lib/view-types.js";
import {askerOf, open, type Access} from "./access/access.js";

/** Returns a way to tell open pages of changes, and a way for each to hear of them until its signal aborts. */
export function changeFeed() {
  const listeners = new Set<(change: Change) => void>();
  return {
    tell(change: Change) {
      for (const listener of listeners) listener(change);
    },
    hear(listener: (change: Change) => void, signal: AbortSignal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), {once: true});
    }
  };
}

export type ChangeFeed = ReturnType<typeof changeFeed>;

/** Returns the changes as they happen, for as long as whoever listens may. */
export const changeStream = (
  c: Context,
  {hear, access = open}: {hear: ChangeFeed["hear"]; access?: Access}
) =>
  streamSSE(c, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    hear((change) => void stream.writeSSE({data: JSON.stringify(change)}), gone.signal);
    await stream.write(": open\n\n");
    while (!gone.signal.aborted) {
      // A comment every while keeps what stands between from closing the line.
      await stream.sleep(20_000);
      if (!askerOf(c, access).person) break;
      if (!gone.signal.aborted) await stream.write(": still open\n\n");
    }
    gone.abort();
  });
