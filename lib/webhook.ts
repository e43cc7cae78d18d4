// Tells somebody else's program what is wrong, by one POST of JSON.

import pRetry, {AbortError} from "p-retry";
import type {Alarm} from "./alarms.js";
import {UserError} from "./errors.js";

/** What is sent: an alarm, and where to look at it. */
export type Message = Omit<Alarm, "key"> & {link: string};

export type Receiver = {webhook: string; secret: string | null};
export type Patience = {timeLimitMs?: number; retries?: number; waitMs?: number};

/** Returns once a receiver has taken a message; throws a UserError, which names its host alone, where it does not after all tries. */
export async function send(
  {webhook, secret}: Receiver,
  message: Message,
  {timeLimitMs = 10_000, retries = 4, waitMs = 1000}: Patience = {}
): Promise<void> {
  const post = async () => {
    const {ok, status} = await fetch(webhook, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "expanto",
        ...(secret && {Authorization: `Bearer ${secret}`})
      },
      body: JSON.stringify(message),
      // The secret is for this address alone.
      redirect: "error",
      signal: AbortSignal.timeout(timeLimitMs)
    });
    if (ok) return;
    const error = new Error(`it answers with ${status}`);
    throw status >= 500 || status === 429 ? error : new AbortError(error);
  };
  try {
    await pRetry(post, {retries, minTimeout: waitMs, factor: 2});
  } catch (error) {
    // The address may be a secret itself.
    throw new UserError(`${new URL(webhook).host} does not take the alarm: ${reasonOf(error)}`, "see schedule.webhook in expanto.config.yaml"); // prettier-ignore
  }
}

function reasonOf(error: unknown): string {
  const {name, message, cause} = error as Error;
  if (name === "TimeoutError") return "it does not answer in time";
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
}
