import type {Context} from "hono";
import {streamSSE} from "hono/streaming";
import {stateByOthers, type Store} from "../lib/store.js";
import type {Change} from "../lib/view-types.js";
import {askerOf, open, type Access} from "./access/access.js";

/** A change, or null where only is known that there was one. */
type Told = Change | null;

/** Returns a way to tell open pages of changes, and a way for each to hear of them until its signal aborts. */
export function changeFeed() {
  const listeners = new Set<(change: Told) => void>();
  return {
    tell(change: Told) {
      for (const listener of listeners) listener(change);
    },
    hear(listener: (change: Told) => void, signal: AbortSignal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), {once: true});
    }
  };
}

export type ChangeFeed = ReturnType<typeof changeFeed>;

const lookEveryMs = 2000;

/** Tells open pages that another process, such as a command or the schedule, has changed the database; returns what ends it. */
export function tellOfOthers(store: Store, {tell}: Pick<ChangeFeed, "tell">): () => void {
  let seen = stateByOthers(store);
  const timer = setInterval(() => {
    const now = stateByOthers(store);
    if (now !== seen) tell(null);
    seen = now;
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

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
