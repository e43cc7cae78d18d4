// The conversation beside a page.

import type {PageContext} from "../../agents/types.js";
import {Failure} from "./api.js";
import {asMarkdown, after, conversationKept, keepConversation, newTurn, type Turn} from "./chat-state.js";
import {makeRoom} from "./chat-room.js";
import {ask, forget, modelName} from "./chat-stream.js";
import {turnNode} from "./chat-turn.js";
import {html} from "./notebook.js";

export type ChatOptions = {onClose: () => void; hasFocus: boolean};

/** Opens the chat beside the page; returns what closes it and stops what is under way. */
export function openChat({onClose, hasFocus}: ChatOptions): () => void {
  const conversation = conversationKept();
  const log = html`<div
    class="turns"
    role="log"
    aria-label="Conversation"
    tabindex="0"
  ></div>` as HTMLElement;
  const suggestions = html`<div class="suggestions"></div>` as HTMLElement;
  const model = html`<span></span>`;
  const input = html`<textarea id="ask" rows="2" maxlength="8000"></textarea>` as HTMLTextAreaElement;
  const button = html`<button class="action">Ask</button>` as HTMLButtonElement;
  const form = html`<form class="ask">
    <label for="ask">Ask about this page</label>${input}
    <p>${model}${button}</p>
  </form>` as HTMLFormElement;
  let running: AbortController | null = null;
  // Who scrolls is left where they are until they ask again.
  let isFollowing = true;
  log.onwheel = log.ontouchmove = log.onkeydown = () => (isFollowing = false);

  const draw = () => {
    const {turns} = conversation;
    const last = turns.length - 1;
    while (log.children.length > turns.length) log.lastChild!.remove();
    for (let i = Math.max(0, Math.min(log.children.length, last)); i <= last; i++) {
      const retry = i === last && !running ? () => void retryLast() : null;
      const node = turnNode(turns[i], {stop: () => running?.abort(), retry});
      if (log.children[i]) log.children[i].replaceWith(node);
      else log.append(node);
    }
    suggestions.replaceChildren(...(running ? [] : suggestionsFor(location.pathname).map(suggestion)));
    button.disabled = running !== null;
    // A long answer is read from its question on.
    const newest = log.lastElementChild as HTMLElement | null;
    if (isFollowing && newest) log.scrollTop = newest.offsetTop - log.offsetTop;
  };
  const drawSoon = onceAFrame(draw);

  const send = async (question: string, isRetry = false) => {
    if (running || !question.trim()) return;
    running = new AbortController();
    isFollowing = true;
    const {signal} = running;
    const page = pageNow();
    if (isRetry) conversation.turns.pop();
    conversation.turns.push(newTurn(question, page));
    log.lastElementChild?.querySelector(".foot")?.remove();
    const tell = (change: (turn: Turn) => Turn) => {
      conversation.turns.push(change(conversation.turns.pop()!));
      drawSoon();
    };
    drawSoon();
    try {
      await ask(
        {chat: conversation.chat, question, page, isRetry},
        (event) => tell((turn) => after(turn, event)),
        signal
      );
      tell((turn) => ({...turn, finish: turn.finish ?? "stopped"}));
    } catch (error) {
      if (signal.aborted) tell((turn) => ({...turn, finish: "stopped"}));
      else {
        const {message, hint} =
          error instanceof Failure ? error : {message: "the answer was cut off", hint: "ask again"};
        tell((turn) => ({...turn, finish: "failed", error: {error: message, hint}}));
      }
    }
    running = null;
    keepConversation(conversation);
    drawSoon();
  };
  const retryLast = () => send(conversation.turns.at(-1)!.question, true);

  const suggestion = (text: string) => {
    const offered = html`<button type="button">${text}</button>` as HTMLButtonElement;
    // What is only begun is for the reader to end.
    offered.onclick = () => (text.endsWith(" ") ? ((input.value = text), input.focus()) : void send(text));
    return offered;
  };

  form.onsubmit = (event) => {
    event.preventDefault();
    if (running) return;
    const question = input.value;
    input.value = "";
    void send(question);
  };
  input.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  };
  const panel = html`<aside class="chat" aria-label="Ask">
    <header>
      <h2>Ask</h2>
      ${headButtons()}
    </header>
    ${log}${suggestions}${form}
  </aside>` as HTMLElement;
  panel.onkeydown = (event) => {
    if (event.key === "Escape") onClose();
  };
  document.body.append(panel);
  const giveBack = makeRoom();
  const leave = () => keepConversation(conversation);
  addEventListener("pagehide", leave);
  draw();
  if (hasFocus) input.focus();
  void modelName().then((name) => model.replaceChildren(name ?? "answers by rules, without a model"));

  function headButtons() {
    const named = (label: string, act: () => void) => {
      const made = html`<button type="button" class="link">${label}</button>` as HTMLButtonElement;
      made.onclick = act;
      return made;
    };
    return html`<span
      >${[
        named(
          "Copy all",
          () => void navigator.clipboard.writeText(conversation.turns.map(asMarkdown).join("\n"))
        ),
        named("Clear", () => {
          running?.abort();
          void forget(conversation.chat);
          Object.assign(conversation, {chat: crypto.randomUUID(), turns: []});
          keepConversation(conversation);
          draw();
        }),
        named("Close", onClose)
      ]}</span
    >`;
  }

  return () => {
    running?.abort();
    leave();
    removeEventListener("pagehide", leave);
    panel.remove();
    giveBack();
  };
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
