/** Gives back a turn. */
export type Release = () => void;

type Waiting = {key: number; go: (release: Release) => void};

/**
 * Returns a way to wait for one's turn, of which there are so many at once. Whoever's key was served longest ago
 * comes next, so that one who asks for many things does not keep the others from theirs; in order within a key.
 */
export function turns(most: number) {
  const served = new Map<number, number>();
  const waiting: Waiting[] = [];
  let [free, count] = [most, 0];

  function serve() {
    if (free === 0 || !waiting.length) return;
    const [next] = waiting.toSorted((a, b) => lastServed(a) - lastServed(b));
    waiting.splice(waiting.indexOf(next), 1);
    served.set(next.key, ++count);
    free--;
    next.go(once(giveBack));
  }
  const lastServed = ({key}: Waiting) => served.get(key) ?? 0;
  const giveBack = () => {
    free++;
    serve();
  };

  /** Resolves when it is one's turn; rejects with the signal's reason where that aborts before. */
  return (key: number, signal: AbortSignal): Promise<Release> =>
    new Promise((go, fail) => {
      signal.throwIfAborted();
      const mine = {key, go};
      const leave = () => {
        const at = waiting.indexOf(mine);
        if (at >= 0) waiting.splice(at, 1);
        fail(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, {once: true});
      waiting.push(mine);
      serve();
    });
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
