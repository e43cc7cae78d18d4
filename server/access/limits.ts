import type {Context} from "hono";
import {createMiddleware} from "hono/factory";
import {LRUCache} from "lru-cache";
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

/** Returns a limiter of so many within so many seconds, from a key's first on. Who comes under ever new names does not fill the memory: 10,000 keys are known at most. */
export function limiter({most, seconds}: {most: number; seconds: number}): Limiter {
  const taken = new LRUCache<string, number>({max: 10_000, ttl: seconds * 1000, noUpdateTTL: true});
  return {
    take(key) {
      const before = taken.get(key) ?? 0;
      if (before >= most) return Math.max(1, Math.ceil(taken.getRemainingTTL(key) / 1000));
      taken.set(key, before + 1);
      return 0;
    },
    giveBack(key) {
      const before = taken.get(key);
      if (before) taken.set(key, before - 1);
    }
  };
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
