import {html} from "./notebook.js";

const keywords =
  "select|from|where|and|or|not|in|is|null|as|with|join|left|right|inner|full|cross|on|using|group|order|by|having|limit|union|all|distinct|case|when|then|else|end|between|like|over|partition|interval|cast|true|false|asc|desc|filter|exists|qualify";
const token = new RegExp(`(--[^\\n]*|/\\*[\\s\\S]*?\\*/)|('(?:[^']|'')*')|\\b(${keywords})\\b`, "gi");
const classes = ["hljs-comment", "hljs-string", "hljs-keyword"];

/** Returns SQL as a block that can be scrolled by keyboard, its keywords, strings and comments told apart. */
export function sqlText(sql: string) {
  return html`<pre
    class="sql"
    tabindex="0"
    role="region"
    aria-label="Rendered SQL"
  ><code>${pieces(tidy(sql))}</code></pre>`;
}

// What a template leaves where nothing was rendered: runs of empty lines and trailing blanks.
const tidy = (sql: string) =>
  sql
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

function pieces(sql: string): (string | HTMLElement)[] {
  const out: (string | HTMLElement)[] = [];
  let end = 0;
  for (const match of sql.matchAll(token)) {
    out.push(sql.slice(end, match.index));
    out.push(html`<span class=${classes[match.slice(1).findIndex(Boolean)]}>${match[0]}</span>`);
    end = match.index + match[0].length;
  }
  return [...out, sql.slice(end)];
}
