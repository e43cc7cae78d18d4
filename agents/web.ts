// The public web through Tavily: text alone, short, and with its address.

import {z} from "zod";
import {UserError} from "../lib/errors.js";
import {masked} from "./errors.js";
import type {WebPage} from "./types.js";

const answer = z.object({
  results: z.array(z.object({title: z.string(), url: z.string(), content: z.string()}))
});

/** Returns a search of the web with a key; throws a UserError where the service refuses or does not answer. */
export const webSearch =
  (key: string, address = "https://api.tavily.com/search") =>
  async (query: string, signal: AbortSignal): Promise<WebPage[]> => {
    const response = await fetch(address, {
      method: "POST",
      headers: {"Content-Type": "application/json", Authorization: `Bearer ${key}`},
      body: JSON.stringify({query, max_results: 5}),
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)])
    }).catch((error) => {
      throw new UserError(
        `the web search does not answer: ${masked(String(error?.message ?? error))}`,
        "ask again"
      );
    });
    if (!response.ok)
      throw new UserError(`the web search refused: ${response.status}`, "check EXPANTO_TAVILY_API_KEY");
    const read = answer.safeParse(await response.json().catch(() => null));
    if (!read.success) throw new UserError("the web search answered what cannot be read", "ask again");
    return read.data.results
      .filter(({url}) => /^https?:\/\//.test(url))
      .map(({title, url, content}) => ({
        title: title.slice(0, 200),
        url,
        text: content.replace(/\s+/g, " ").slice(0, 1500)
      }));
  };
