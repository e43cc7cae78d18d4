import type {Context} from "hono";
import {createMiddleware} from "hono/factory";
import {counted} from "../../lib/stats/words.js";
import {addressOf} from "./access.js";
import {whoOf} from "./guard.js";

/** Counts what each key takes within a window of time. */
export type Limiter = {
  /** Returns 0 and counts, or the seconds until the key may try again. */
  take: (key: string) => number;
  /** Takes back what take counted. */
  giveBack: (key: string) => void;
};

type Window = {taken: number; ends: number};

/** Returns a limiter of so many within so many seconds, from a key's first on. */
export function limiter({
  most,
  seconds,
  clock = Date.now
}: {
  most: number;
  seconds: number;
  clock?: () => number;
}): Limiter {
  const windows = new Map<string, Window>();
  return {
    take(key) {
      const now = clock();
      if (windows.size > mostKeys) sweep(windows, now);
      const known = windows.get(key);
      const window = known && known.ends > now ? known : {taken: 0, ends: now + seconds * 1000};
      windows.set(key, window);
      if (window.taken >= most) return Math.ceil((window.ends - now) / 1000);
      window.taken++;
      return 0;
    },
    giveBack(key) {
      const window = windows.get(key);
      if (window) window.taken = Math.max(0, window.taken - 1);
    }
  };
}

const mostKeys = 10_000;

// Who comes under ever new names must not fill the memory: what is over goes, then the oldest.
function sweep(windows: Map<string, Window>, now: number): void {
  for (const [key, {ends}] of windows) if (ends <= now) windows.delete(key);
  for (const key of windows.keys()) {
    if (windows.size <= mostKeys / 2) return;
    windows.delete(key);
  }
}

/** Answers whoever asks more often than that with 429 and how long to wait. */
export const atMost = ({most, seconds, what}: {most: number; seconds: number; what: string}) => {
  const limit = limiter({most, seconds});
  return createMiddleware(async (c, next) => {
    const wait = limit.take(`${whoOf(c)} ${addressOf(c)}`);
    return wait ? tooOften(c, what, wait) : next();
  });
};

function tooOften(c: Context, what: string, wait: number) {
  c.header("Retry-After", String(wait));
  const hint = `ask again in ${counted(wait, "second")}`;
  return c.json({error: `too many ${what} at once`, hint, status: 429}, 429);
}
