import {readFileSync} from "node:fs";

/** Returns the text of prompts/NAME.md, read anew so that an edit counts for the next question. */
export const prompt = (name: string): string =>
  readFileSync(new URL(`./prompts/${name}.md`, import.meta.url), "utf8").trim();
