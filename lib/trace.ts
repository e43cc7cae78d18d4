// What takes time, told to whoever listens; nobody does unless telemetry is set up, and then it costs nothing.

import {tracingChannel} from "node:diagnostics_channel";

export const tracedKinds = ["http", "job", "query", "model", "tool"] as const;
export type TracedKind = (typeof tracedKinds)[number];

/** Names and numbers of a piece of work; never what was asked, said or found. */
export type TracedFacts = {name: string} & Record<string, string | number | null>;

/** What was asked and found, in texts; told to nobody who does not ask for it. */
export type TracedTexts = () => Record<string, string>;

/** What a channel carries from the start of a piece of work to its end. */
export type Told = {facts: TracedFacts; texts: TracedTexts; error?: unknown};

/** Returns the name of the channel on which a kind of work is told. */
export const channelOf = (kind: TracedKind) => `expanto:${kind}`;

const channels = new Map(tracedKinds.map((kind) => [kind, tracingChannel<unknown, Told>(channelOf(kind))]));

/** Returns what the work returns; facts may be added to while it runs, texts are read at its end. */
export const traced = <T>(
  kind: TracedKind,
  facts: TracedFacts,
  work: () => Promise<T>,
  texts: TracedTexts = () => ({})
): Promise<T> => channels.get(kind)!.tracePromise(work, {facts, texts});
