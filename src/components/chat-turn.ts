// One turn of the conversation: the question, the steps, the answer with its numbers, what may be clicked.

import type {Action, NumberUse} from "../../agents/types.js";
import {count, duration, inSentence} from "../stats/format.js";
import {keepDraft} from "./draft.js";
import {experimentPage, Failure} from "./api.js";
import {problem} from "./failure.js";
import {html} from "./notebook.js";
import {answerNode} from "./chat-markdown.js";
import {runQuery} from "./chat-stream.js";
import {asMarkdown, type Step, type Turn} from "./chat-state.js";

export type TurnOptions = {stop: () => void; retry: (() => void) | null};

/** Returns a turn as it stands. */
export function turnNode(turn: Turn, {stop, retry}: TurnOptions) {
  const {question, error, finish, text} = turn;
  const source = html`<p class="source" role="status"></p>`;
  const steps = stepsOf(turn);
  const open = (use: NumberUse) => showSource(use, turn, {source, steps});
  return html`<section class="turn" aria-label=${question}>
    <h3>${question}</h3>
    ${
      turn.thinking
        ? html`<details>
            <summary>Thinking</summary>
            <p class="thinking">${turn.thinking}</p>
          </details>`
        : null
    }
    ${steps} ${text ? answerNode(text, turn.numbers, (use) => chip(use, open)) : null} ${source}
    ${error ? problem(new Failure(error.error, error.hint)) : null}
    ${finish === null ? working(turn, stop) : null}
    ${finish === "stopped" ? html`<p class="quiet">Stopped.</p>` : null}
    ${turn.actions.length ? html`<p class="actions">${turn.actions.map(actionButton)}</p>` : null}
    ${finish === null ? null : foot(turn, retry)}
  </section>`;
}

function working({note}: Turn, stop: () => void) {
  const button = html`<button type="button">Stop</button>` as HTMLButtonElement;
  button.onclick = stop;
  return html`<p class="working" role="status"><span>${note} …</span> ${button}</p>`;
}

function chip(use: NumberUse, open: (use: NumberUse) => void) {
  const {text, source, why} = use;
  if (!source)
    return html`<span class="unsourced" title=${why}
      >${text}<span class="hidden"> (no source: ${why})</span></span
    >`;
  if (source.call === "question") return html`<span title="from your question">${text}</span>`;
  const button = html`<button type="button" class="chip" title=${`${source.path} = ${source.value}`}>
    ${text}
  </button>` as HTMLButtonElement;
  button.onclick = () => open(use);
  return button;
}

function showSource(
  {text, source}: NumberUse,
  {steps}: Turn,
  nodes: {source: Element; steps: HTMLElement | null}
) {
  const step = steps.find(({id}) => id === source!.call);
  if (!step) return;
  const link = step.href ? html` · <a href=${step.href}>Open the page</a>` : null;
  nodes.source.replaceChildren(
    html.fragment`${text} is <code>${source!.path}</code> = ${String(source!.value)} of <code>${step.name}</code>, ${step.said}${link}`
  );
  const details = nodes.steps as HTMLDetailsElement | null;
  if (!details) return;
  details.open = true;
  for (const item of details.querySelectorAll("li"))
    item.classList.toggle("marked", item.dataset.call === step.id);
}

function stepsOf({steps, agent, finish}: Turn): HTMLElement | null {
  if (!steps.length) return null;
  const name = steps.length === 1 ? "1 step" : `${steps.length} steps`;
  const ms = steps.reduce((sum, step) => sum + step.ms, 0);
  return html`<details class="steps" open=${finish === null || null}>
    <summary>
      ${name} of the ${inSentence(agent ?? "assistant")}
      <span>${finish === null ? "" : duration(ms)}</span>
    </summary>
    <ol>
      ${steps.map(stepItem)}
    </ol>
  </details>` as HTMLElement;
}

function stepItem(step: Step) {
  const {id, name, said, isOk, value} = step;
  const state = isOk === null ? "…" : said;
  const asked = JSON.stringify(step.arguments, null, 1);
  return html`<li data-call=${id} class=${isOk === false ? "failed" : null}>
    <code>${name}</code> <span>${state}</span>
    <details>
      <summary>asked and found</summary>
      ${name === "query_database" ? queryEditor(step) : html`<pre>${asked}</pre>`}
      ${value === null ? null : html`<pre tabindex="0">${JSON.stringify(value, null, 1)}</pre>`}
    </details>
  </li>`;
}

/** Returns the SQL of a step, to be changed and run again. */
function queryEditor({arguments: args}: Step) {
  const {sql} = args as {sql?: string};
  const area = html`<textarea
    aria-label="SQL"
    rows="5"
    spellcheck="false"
  ></textarea>` as HTMLTextAreaElement;
  area.value = sql ?? "";
  const found = html`<div role="status"></div>`;
  const button = html`<button type="button">Run</button>` as HTMLButtonElement;
  button.onclick = async () => {
    button.disabled = true;
    await runQuery(area.value).then(
      ({columns, rows, isCut, ms}) =>
        found.replaceChildren(
          html`<div class="wide" tabindex="0">
              <table>
                <thead>
                  <tr>
                    ${columns.map((name) => html`<th>${name}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${rows.map(
                    (row) =>
                      html`<tr>
                        ${row.map((cell) => html`<td>${cell === null ? "–" : String(cell)}</td>`)}
                      </tr>`
                  )}
                </tbody>
              </table>
            </div>
            <p class="quiet">
              ${rows.length} ${rows.length === 1 ? "row" : "rows"}${isCut ? ", and there are more" : ""},
              ${duration(ms)}
            </p>`
        ),
      (error) => found.replaceChildren(problem(error))
    );
    button.disabled = false;
  };
  return html`<div class="query">${area}${button}${found}</div>`;
}

function actionButton(action: Action) {
  if (action.kind === "open") return html`<a class="action" href=${action.href}>${action.label}</a>`;
  const button = html`<button type="button" class="action">${action.label}</button>` as HTMLButtonElement;
  button.onclick = () => {
    keepDraft(action.fields);
    location.assign(experimentPage(0));
  };
  return button;
}

function foot(turn: Turn, retry: (() => void) | null) {
  const copy = html`<button type="button" class="link">Copy as Markdown</button>` as HTMLButtonElement;
  copy.onclick = async () => {
    await navigator.clipboard.writeText(asMarkdown(turn));
    copy.textContent = "Copied";
  };
  const again = html`<button type="button" class="link">Ask again</button>` as HTMLButtonElement;
  if (retry) again.onclick = retry;
  return html`<p class="foot">
    ${turn.text ? copy : null} ${retry ? again : null} <span>${usageOf(turn)}</span>
  </p>`;
}

function usageOf({usage}: Turn): string {
  if (!usage) return "";
  const tokens = ({input, output, isEstimated}: typeof usage.turn) =>
    `${isEstimated ? "about " : ""}${count(input + output)}`;
  return usage.chat.input + usage.chat.output === 0
    ? "answered by rules"
    : `${tokens(usage.turn)} tokens, ${tokens(usage.chat)} in this conversation`;
}
