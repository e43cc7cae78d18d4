import type {Usage} from "./types.js";

/** Returns the usage of nothing yet. */
export const noUsage = (): Usage => ({requests: 0, input: 0, output: 0, reasoning: 0, isEstimated: false});

/** Returns two usages together. */
export const addUsage = (a: Usage, b: Usage): Usage => ({
  requests: a.requests + b.requests,
  input: a.input + b.input,
  output: a.output + b.output,
  reasoning: a.reasoning + b.reasoning,
  isEstimated: a.isEstimated || b.isEstimated
});

/** Returns about how many tokens a text is. */
export const tokensIn = (text: string) => Math.ceil(text.length / 4);
