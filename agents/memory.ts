// Conversations, kept in memory: for a while, so many of them, and never one that is being answered.

import type {Message, Usage} from "./types.js";
import {noUsage, tokensIn} from "./usage.js";

export type Chat = {messages: Message[]; usage: Usage; isBusy: boolean; touchedAt: number};

export type MemoryOptions = {ttlMs?: number; most?: number; now?: () => number};

/** Returns a memory of conversations; those not touched for ttlMs, and the oldest of too many, are forgotten. */
export function chatMemory({ttlMs = 12 * 3_600_000, most = 1000, now = Date.now}: MemoryOptions = {}) {
  // Insertion order is the order of the last touch.
  const chats = new Map<string, Chat>();
  const forget = () => {
    for (const [id, {touchedAt, isBusy}] of chats) {
      const isOld = touchedAt + ttlMs <= now();
      if (!isOld && chats.size <= most) break;
      if (!isBusy) chats.delete(id);
    }
  };
  return {
    /** Returns the conversation of that id, a new one where it is unknown or forgotten. */
    of(id: string): Chat {
      forget();
      const chat = chats.get(id) ?? {messages: [], usage: noUsage(), isBusy: false, touchedAt: 0};
      chat.touchedAt = now();
      chats.delete(id);
      chats.set(id, chat);
      forget();
      return chat;
    },
    clear: (id: string) => void chats.delete(id),
    get size() {
      forget();
      return chats.size;
    }
  };
}

export type ChatMemory = ReturnType<typeof chatMemory>;

/** Returns the newest exchanges that fit a budget of tokens, the last one always; a call is never parted from its result. */
export function recent(messages: Message[], budget = 12_000): Message[] {
  const exchanges = exchangesOf(messages);
  let tokens = 0;
  const kept: Message[][] = [];
  for (const exchange of exchanges.reverse()) {
    tokens += tokensIn(JSON.stringify(exchange));
    if (kept.length && tokens > budget) break;
    kept.unshift(exchange);
  }
  return kept.flat();
}

/** Returns the messages without the last question and what was said to it. */
export const withoutLast = (messages: Message[]): Message[] => exchangesOf(messages).slice(0, -1).flat();

function exchangesOf(messages: Message[]): Message[][] {
  const exchanges: Message[][] = [];
  for (const message of messages) {
    if (message.role === "user" || !exchanges.length) exchanges.push([]);
    exchanges.at(-1)!.push(message);
  }
  return exchanges;
}
