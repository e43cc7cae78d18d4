import {html} from "./notebook.js";

const keywords =
  "select|from|where|and|or|not|in|is|null|as|with|join|left|right|inner|full|cross|on|using|group|order|by|having|limit|union|all|distinct|case|when|then|else|end|between|like|over|partition|interval|cast|true|false|asc|desc|filter|exists|qualify";
const token = new RegExp(`(--[^\\n]*|/\\*[\\s\\S]*?\\*/)|('(?:[^']|'')*')|\\b(${keywords})\\b`, "gi");
const classes = ["hljs-comment", "hljs-string", "hljs-keyword"];

type SqlTextOptions = {
  label?: string;
  /** Says of a line whether it is lit. */
  isLit?: (line: string, number: number) => boolean;
  /** Only these lines, counted from 1, with their numbers. */
  lines?: {from: number; until: number} | null;
};

/** Returns SQL as a block that can be scrolled by keyboard, its keywords, strings and comments told apart. */
export function sqlText(sql: string, {label = "Rendered SQL", isLit, lines = null}: SqlTextOptions = {}) {
  const text = lines ? sql : tidy(sql);
  const shown = linesOf(text)
    .map((pieces, i) => ({pieces, number: i + 1}))
    .slice((lines?.from ?? 1) - 1, lines?.until);
  const written = text.split("\n");
  return html`<pre class="sql" tabindex="0" role="region" aria-label=${label}><code>${shown.map(
    ({pieces, number}) => {
      const isMarked = isLit?.(written[number - 1], number);
      const numbered = lines ? html`<span class="number">${number}</span>` : null;
      return html`<span class=${isMarked ? "line lit" : "line"}>${numbered}${pieces}${"\n"}</span>`;
    }
  )}</code></pre>`;
}

// What a template leaves where nothing was rendered: runs of empty lines and trailing blanks.
const tidy = (sql: string) =>
  sql
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

type Piece = string | HTMLElement;

// A comment of several lines is a piece in each of them.
function linesOf(sql: string): Piece[][] {
  const lines: Piece[][] = [[]];
  const add = (text: string, wrap: (part: string) => Piece) =>
    text.split("\n").forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part) lines.at(-1)!.push(wrap(part));
    });
  let end = 0;
  for (const match of sql.matchAll(token)) {
    const name = classes[match.slice(1).findIndex(Boolean)];
    add(sql.slice(end, match.index), (part) => part);
    add(match[0], (part) => html`<span class=${name}>${part}</span>`);
    end = match.index + match[0].length;
  }
  add(sql.slice(end), (part) => part);
  return lines;
}
