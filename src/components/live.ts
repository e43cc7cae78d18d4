// Pages that stay true: what they show is asked for again when the server tells of a change, or the page itself makes one.

import type {Change} from "../../lib/view-types.js";

const listeners = new Set<(change: Change | null) => void>();
let source: EventSource | null = null;

/** Tells this page's own cells of a change it made itself; null is told of changes nobody can name. */
export function tellPage(change: Change | null): void {
  for (const listener of listeners) listener(change);
}

// A browser keeps few lines open to one server: a page that nobody looks at gives up its own.
function follow(): void {
  if (document.hidden || source || !listeners.size) return;
  source = new EventSource("/api/changes");
  let isFirst = true;
  source.onopen = () => {
    if (!isFirst) tellPage(null);
    isFirst = false;
  };
  source.onmessage = ({data}) => tellPage(JSON.parse(data as string) as Change);
}

function leave(): void {
  source?.close();
  source = null;
}

let isWatched = false;

function watch(): void {
  if (!isWatched)
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return leave();
      follow();
      tellPage(null);
    });
  isWatched = true;
  follow();
}

type LiveOptions = {
  /** Whether a change may make the answer another. */
  concerns?: (change: Change) => boolean;
  /** Draws that a first answer did not come; what it returns is taken away when one comes. */
  failed: (error: unknown) => Element;
};

/**
 * Yields an answer, and another whenever it has become other than the last; a question that fails is told of once
 * where there is no answer yet, and asked again at the next change.
 */
export async function* live<T>(
  ask: () => Promise<T>,
  {concerns = () => true, failed}: LiveOptions
): AsyncGenerator<T> {
  let [isStale, wake, last]: [boolean, () => void, string | null] = [true, () => {}, null];
  const drawn: Element[] = [];
  const listener = (change: Change | null) => {
    if (change && !concerns(change)) return;
    isStale = true;
    wake();
  };
  listeners.add(listener);
  watch();
  try {
    for (;;) {
      while (isStale) {
        isStale = false;
        const answer = await ask().catch((error: unknown) => {
          if (last === null && !drawn.length) drawn.push(failed(error));
        });
        const text: string | null = answer === undefined ? last : JSON.stringify(answer);
        if (answer === undefined || text === last) continue;
        drawn.pop()?.remove();
        last = text;
        yield answer;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
    if (!listeners.size) leave();
  }
}
