// The conversation beside a page.

import type {PageContext} from "../../agents/types.js";
import {makeRoom} from "./chat-room.js";
import {openSession, type Session} from "./chat-session.js";
import {modelName} from "./chat-stream.js";
import type {Turn} from "./chat-state.js";
import {turnNode} from "./chat-turn.js";
import {html} from "./notebook.js";

export type ChatOptions = {onClose: () => void; hasFocus: boolean};

/** Opens the chat beside the page; returns what closes it and stops what is under way. */
export function openChat({onClose, hasFocus}: ChatOptions): () => void {
  const session = openSession(pageNow, () => drawSoon());
  const log = turnLog(session);
  const send = (question: string) => (log.follow(), session.send(question));
  const {form, input, button} = askForm(send, session);
  const suggestions = html`<div class="suggestions"></div>` as HTMLElement;
  const suggest = (text: string) => {
    const offered = html`<button type="button">${text}</button>` as HTMLButtonElement;
    // What is only begun is for the reader to end.
    offered.onclick = () => (text.endsWith(" ") ? ((input.value = text), input.focus()) : send(text));
    return offered;
  };
  const draw = () => {
    log.draw();
    suggestions.replaceChildren(
      ...(session.isRunning() ? [] : suggestionsFor(location.pathname).map(suggest))
    );
    button.disabled = session.isRunning();
  };
  const drawSoon = onceAFrame(draw);
  const panel = html`<aside class="chat" aria-label="Ask">
    <header>
      <h2>Ask</h2>
      <span>
        ${link("Copy all", () => void navigator.clipboard.writeText(session.asMarkdown()))}
        ${link("Clear", session.clear)} ${link("Close", onClose)}
      </span>
    </header>
    ${log.node}${suggestions}${form}
  </aside>` as HTMLElement;
  panel.onkeydown = (event) => {
    if (event.key === "Escape") onClose();
  };
  document.body.append(panel);
  const giveBack = makeRoom();
  addEventListener("pagehide", session.keep);
  draw();
  if (hasFocus) input.focus();

  return () => {
    session.stop();
    session.keep();
    removeEventListener("pagehide", session.keep);
    panel.remove();
    giveBack();
  };
}

/** The turns, of which only those that have changed are drawn again; the newest is kept in sight until the reader scrolls. */
function turnLog(session: Session) {
  const node = html`<div
    class="turns"
    role="log"
    aria-label="Conversation"
    tabindex="0"
  ></div>` as HTMLElement;
  let isFollowing = true;
  node.onwheel = node.ontouchmove = node.onkeydown = () => (isFollowing = false);
  const follow = () => void (isFollowing = true);
  const retry = () => (follow(), session.retry());
  let drawn: {turn: Turn; isLast: boolean}[] = [];
  const draw = () => {
    const turns = session.turns();
    const wanted = turns.map((turn, i) => ({turn, isLast: i === turns.length - 1}));
    while (node.children.length > wanted.length) node.lastChild!.remove();
    for (const [i, {turn, isLast}] of wanted.entries()) {
      const before = node.children[i];
      if (before && drawn[i].turn === turn && drawn[i].isLast === isLast) continue;
      const now = turnNode(turn, {stop: session.stop, retry: isLast ? retry : null});
      if (before) before.replaceWith(now);
      else node.append(now);
    }
    drawn = wanted;
    // A long answer is read from its question on.
    const newest = node.lastElementChild as HTMLElement | null;
    if (isFollowing && newest) node.scrollTop = newest.offsetTop - node.offsetTop;
  };
  return {node, draw, follow};
}

function askForm(send: (question: string) => void, session: Session) {
  const model = html`<span></span>`;
  const input = html`<textarea id="ask" rows="2" maxlength="8000"></textarea>` as HTMLTextAreaElement;
  const button = html`<button class="action">Ask</button>` as HTMLButtonElement;
  const form = html`<form class="ask">
    <label for="ask">Ask about this page</label>${input}
    <p>${model}${button}</p>
  </form>` as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    if (session.isRunning()) return;
    const question = input.value;
    input.value = "";
    send(question);
  };
  input.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };
  void modelName().then((name) => model.replaceChildren(name ?? "answers by rules, without a model"));
  return {form, input, button};
}

function link(label: string, act: () => void) {
  const made = html`<button type="button" class="link">${label}</button>` as HTMLButtonElement;
  made.onclick = act;
  return made;
}

/** Returns what the reader sees: every choice made on a page is in its address. */
function pageNow(): PageContext {
  return {
    path: location.pathname,
    search: location.search.slice(0, 4000),
    title: (document.querySelector("#observablehq-main h1")?.textContent ?? document.title).slice(0, 500),
    selection: (getSelection()?.toString() ?? "").slice(0, 2000)
  };
}

function onceAFrame(draw: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      draw();
    });
  };
}

const offered: [RegExp, string[]][] = [
  [
    /^\/results/,
    ["What did this show?", "Should we ship it?", "How long until we could see 2%?", "Write the conclusion"]
  ],
  [/^\/planner/, ["How long until we could see 3%?", "What is the smallest lift in 14 days?"]],
  [/^\/metrics/, ["Which metrics are about refunds?", "How do I define a ratio metric?"]],
  [/^\/observations/, ["What are exposure and calculation windows?", "Did any calculation fail?"]],
  [/^/, ["What did we learn so far?", "Which experiments are running?", "I want to test "]]
];

const suggestionsFor = (path: string) => offered.find(([pattern]) => pattern.test(path))![1];
