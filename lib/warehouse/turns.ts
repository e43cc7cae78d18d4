// So many at once and no more: who came first goes first.

export type Waiting = {signal?: AbortSignal; onWait?: () => void};

/** Does work in its turn and returns what it returns; who is aborted while waiting leaves the line, with the signal's reason thrown. */
export type InTurn = <Answer>(work: () => Promise<Answer>, waiting?: Waiting) => Promise<Answer>;

/** Returns a line in which so many work at once. */
export function turnsOf(most: number): InTurn {
  let free = most;
  const line: (() => void)[] = [];
  const enter = async ({signal, onWait}: Waiting) => {
    if (free > 0) return void free--;
    onWait?.();
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        line.splice(line.indexOf(begin), 1);
        reject(signal!.reason);
      };
      line.push(begin);
      signal?.addEventListener("abort", giveUp, {once: true});
    });
  };
  // A place that becomes free is the next one's, and nobody's who comes in between.
  const leave = () => {
    const next = line.shift();
    if (next) next();
    else free++;
  };
  return async (work, waiting = {}) => {
    await enter(waiting);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
