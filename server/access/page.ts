// Pages that stand outside of the built site: who reads them may not be let in. One style, no script.

import {createHash} from "node:crypto";
import type {Context} from "hono";
import {html, raw} from "hono/html";
import type {HtmlEscapedString} from "hono/utils/html";

type Status = 200 | 401 | 403 | 404 | 413 | 429;
type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const style = `
:root { color-scheme: light dark; --text: #1b1e23; --quiet: #5b6068; --page: #fff; --line: #8a9099; --link: #3b5fc0; --wrong: #a83c14; }
@media (prefers-color-scheme: dark) {
  :root { --text: #dfdfd6; --quiet: #a5a8ad; --page: #161616; --line: #777c85; --link: #8fa9f5; --wrong: #f0895f; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 640px; margin: 12vh auto 4rem; padding: 0 1.5rem; }
main.narrow { max-width: 340px; }
h1, h2 { font-family: "Source Serif 4", "Iowan Old Style", Georgia, serif; line-height: 1.2; }
h1 { font-size: 32px; margin: 0 0 1rem; }
h2 { font-size: 21px; margin: 2.5rem 0 0.5rem; }
p { text-wrap: pretty; }
.product { margin: 0; color: var(--quiet); }
a { color: var(--link); }
label { display: block; margin: 1rem 0; }
input { display: block; box-sizing: border-box; width: 100%; margin-top: 0.25rem; padding: 0.5rem; }
input, button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; }
button { padding: 0.45rem 1.1rem; cursor: pointer; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.wrong { color: var(--wrong); }
.scrolled { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2rem 1.25rem 0.2rem 0; white-space: nowrap; }
th { color: var(--quiet); font-weight: 500; }
`;

// As one text: white space that a formatter adds would be another hash.
const styleElement = raw(`<style>${style}</style>`);

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'"
].join("; ");

/** Returns a page that stands for itself. */
export function page(
  c: Context,
  {
    title,
    body,
    status = 200,
    isNarrow = false
  }: {title: string; body: Html; status?: Status; isNarrow?: boolean}
) {
  c.header("Content-Security-Policy", policy);
  c.header("Cache-Control", "no-store");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title} | Expanto</title>
          ${styleElement}
        </head>
        <body>
          <main class="${isNarrow ? "narrow" : ""}">
            <p class="product">Expanto</p>
            <h1>${title}</h1>
            ${body}
          </main>
        </body>
      </html>`,
    status
  );
}

/** Returns a page that says something, and leads back to the experiments. */
export const wordsPage = (
  c: Context,
  {title, words, status}: {title: string; words: string[]; status: Status}
) =>
  page(c, {
    title,
    status,
    body: html`${words.map((each) => html`<p>${sentence(each)}</p>`)}
      <p><a href="/">To the experiments</a></p>`
  });

/** Returns words as a sentence. */
export const sentence = (words: string) => `${words[0].toUpperCase()}${words.slice(1)}.`;
