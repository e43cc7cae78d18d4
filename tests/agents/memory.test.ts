import {expect, test} from "vitest";
import {chatMemory, recent, withoutLast} from "../../agents/memory.js";
import type {Message} from "../../agents/types.js";

test("a conversation is forgotten when it was not touched for its time, and not before", () => {
  let time = 0;
  const memory = chatMemory({ttlMs: 100, now: () => time});
  memory.of("a").messages.push({role: "user", content: "hello"});
  time = 99;
  expect(memory.of("a").messages).toHaveLength(1);
  time = 198;
  expect(memory.of("a").messages).toHaveLength(1);
  time = 299;
  expect(memory.of("a").messages).toHaveLength(0);
});

test("of too many the one touched longest ago is forgotten, but never one that is being answered", () => {
  const memory = chatMemory({most: 2, now: () => 1});
  memory.of("a").isBusy = true;
  memory.of("b").messages.push({role: "user", content: "b"});
  memory.of("c");
  expect(memory.size).toBe(2);
  expect(memory.of("a").isBusy).toBe(true);
  expect(memory.of("b").messages).toEqual([]);
});

const exchange = (n: number): Message[] => [
  {role: "user", content: `question ${n}`},
  {role: "assistant", content: "", calls: [{id: "c", name: "results", arguments: "{}"}]},
  {role: "tool", call: "c", content: "x".repeat(400)},
  {role: "assistant", content: `answer ${n}`, calls: []}
];

test("history is cut between exchanges, the newest kept, the last one whatever its size", () => {
  const all = [1, 2, 3].flatMap(exchange);
  expect(recent(all, 350)).toEqual([2, 3].flatMap(exchange));
  expect(recent(all, 1)).toEqual(exchange(3));
  expect(withoutLast(all)).toEqual([1, 2].flatMap(exchange));
});
