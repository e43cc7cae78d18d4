// What a model wrote, as a page may show it: no HTML, no pictures, no link but to the web and to pages of this site.

import MarkdownIt from "markdown-it";
import type {NumberUse} from "../../agents/types.js";

const markdown = new MarkdownIt({html: false, linkify: false, typographer: false}).disable("image");
markdown.validateLink = (url) => /^(https?:\/\/|mailto:|\/(?![/\\])|#)/i.test(url.trim());
const plain =
  markdown.renderer.rules.link_open ??
  ((tokens, i, options, _, self) => self.renderToken(tokens, i, options));
markdown.renderer.rules.link_open = (tokens, i, options, env, self) => {
  if (/^https?:/i.test(tokens[i].attrGet("href") ?? "")) {
    tokens[i].attrSet("target", "_blank");
    tokens[i].attrSet("rel", "noopener noreferrer nofollow");
  }
  return plain(tokens, i, options, env, self);
};

// Letters for private use: no text has them, and Markdown takes them for part of a word.
const [opens, closes] = ["\uE000", "\uE001"];
const marks = /[\uE000\uE001]/g;

/** Returns an answer as a node; each of its numbers is what chip makes of it. */
export function answerNode(
  text: string,
  numbers: NumberUse[] | null,
  chip: (use: NumberUse) => Node
): HTMLElement {
  const answer = document.createElement("div");
  answer.className = "answer";
  answer.innerHTML = markdown.render(marked(text, numbers ?? []));
  const texts = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode())
    if (texts.currentNode.nodeValue!.includes(opens)) found.push(texts.currentNode as Text);
  let next = 0;
  for (const node of found) {
    const parts = node.nodeValue!.split(/\uE000([^\uE001]*)\uE001/);
    node.replaceWith(...parts.map((part, i) => (i % 2 ? chip(numbers![next++]) : part)));
  }
  for (const table of answer.querySelectorAll("table")) {
    const frame = document.createElement("div");
    frame.className = "wide";
    frame.tabIndex = 0;
    table.replaceWith(frame);
    frame.append(table);
  }
  return answer;
}

function marked(text: string, numbers: NumberUse[]): string {
  let end = 0;
  const parts = numbers.map(({at, text: number}) => {
    const from = text.indexOf(number, at);
    const part = `${text.slice(end, from).replace(marks, "")}${opens}${number}${closes}`;
    end = from + number.length;
    return part;
  });
  return parts.join("") + text.slice(end).replace(marks, "");
}
