import type {Change} from "../lib/view-types.js";

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
