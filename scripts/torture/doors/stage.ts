// Runs in a browser: draws texts with the pages' own components in a live document, and looks at what came of them.

import {answerNode} from "../../../src/components/chat-markdown.js";
import {newTurn} from "../../../src/components/chat-state.js";
import {turnNode} from "../../../src/components/chat-turn.js";
import {questionIn, sliceIn} from "../../../lib/stats/results-address.js";
import {keepInAddress} from "../../../src/components/address.js";
import {unitsAddress, unitsForm, unitsQuestionIn} from "../../../src/components/ask-units.js";
import {Failure} from "../../../src/components/api.js";
import {domainOfRows, experimentList} from "../../../src/components/experiment-list.js";
import {rowsOf} from "../../../src/components/experiment-rows.js";
import {failure, problem} from "../../../src/components/failure.js";
import {fileForm} from "../../../src/components/file-form.js";
import {heading} from "../../../src/components/heading.js";
import {listQuestionIn, searchForm} from "../../../src/components/list-form.js";
import {metricList} from "../../../src/components/metric-list.js";
import {filterForm, filterIn} from "../../../src/components/metric-filter.js";
import {segmentForm} from "../../../src/components/segment-form.js";
import {sqlText} from "../../../src/components/sql-text.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parts of views are made by hand, as far as they are drawn
type Made = any;

const defaults = {confidence: 0.95, power: 0.8, srmThreshold: 0.001, sequentialUnits: 10_000};
const arm = (variant: string) => ({variant, moments: {n: 100, means: [1], covariance: [[1]]}, reason: null});

const metric = (text: string) => ({
  alias: "a",
  title: text,
  type: "mean",
  group: text,
  description: text,
  owner: text,
  tags: [text],
  goal: "increase",
  format: {},
  role: "primary",
  numerator: text,
  denominator: null
});

const experiment = (text: string) => ({
  id: 1,
  name: text,
  status: "completed",
  description: text,
  hypotheses: text,
  owner: text,
  keyMetrics: ["a"],
  guardrails: [],
  start: null,
  end: null,
  variants: [
    {name: "control", allocation: 0.5, isControl: true},
    {name: `b${text}`, allocation: 0.5, isControl: false}
  ]
});

function listOf(text: string): Node {
  const units = ["control", `b${text}`].map((variant) => ({variant, units: 100}));
  const card: Made = {
    experiment: experiment(text),
    observation: {id: 1, name: text},
    job: null,
    primary: {metric: metric(text), arms: ["control", `b${text}`].map(arm)},
    worse: [{treatment: `b${text}`, title: text}],
    units,
    planned: units.map(({variant}) => ({variant, allocation: 0.5})),
    keptAt: null,
    defaults
  };
  const rows = rowsOf([card], new Date(0));
  return experimentList(rows, {isEmpty: false, domain: domainOfRows(rows)});
}

const turnOf = (text: string): Node =>
  turnNode(
    {
      ...newTurn(text, {path: "/", search: "", title: "", selection: ""}),
      agent: text,
      thinking: `a${text}`,
      steps: [
        {
          id: text,
          name: text,
          arguments: {sql: text},
          isOk: true,
          said: text,
          value: {[text]: text},
          href: null,
          ms: 1
        }
      ],
      actions: [{kind: "open", label: text, href: "/"}],
      error: {error: `a${text}`, hint: `a${text}`},
      finish: "answered"
    } as Made,
    {stop: () => {}, retry: null}
  );

const columnsOf = (text: string): Node =>
  fileForm({
    rows: 3,
    columns: [
      {name: `v${text}`, type: "VARCHAR", values: [`a${text}`, `b${text}`], looksLike: "variant"},
      {name: `m${text}`, type: "DOUBLE", values: null, looksLike: "mean"}
    ]
  });

/** What a page does with the text of its address, which is what follows the path. */
function addressOf(search: string): Node {
  const {list, units} = askedIn(search);
  const metrics: Made[] = ["x", "y"].map((text) => ({metric: metric(text), arms: []}));
  return within(
    searchForm([{name: "all", n: 1}], list),
    unitsForm({dimensions, metrics, question: units}),
    segmentForm(split, sliceIn(search, split)),
    filterForm(metrics, filterIn(search, metrics))!
  );
}

const dimensions = ["country"];
const split = [{name: "country", values: ["US", "DE"].map((value) => ({value, units: 1}))}];

function askedIn(search: string) {
  const question = questionIn(search, {treatments: ["b"], confidence: 0.95, hasCovariates: true} as Made);
  const nothing = {where: "", by: null, metric: null, cap: null};
  return {question, list: listQuestionIn(search), units: unitsQuestionIn(search) ?? nothing};
}

// All are read; forms take long to draw, and a browser lets a page change its address a few times a second.
function judgeAddresses(texts: string[]): (string | null)[] {
  const drawn = texts.filter((_, i) => i % 10 === 0);
  const problems = new Map(judge("addresses", drawn).map((problem, i) => [drawn[i], problem]));
  const {question, list, units} = askedIn(drawn[0]);
  keepInAddress({...question, search: list.search, ...unitsAddress(units)} as Made);
  return texts.map((text) => addressProblem(text) ?? problems.get(text) ?? null);
}

function addressProblem(search: string): string | null {
  const {question, list, units} = askedIn(search);
  const {variant, confidence, scale, side, correction, interval, cuped, sequential} = question;
  const words = [variant, scale, side, correction, interval, list.order].join(" ");
  const isLawful =
    /^b (relative|absolute) (two-sided|greater|less) (none|holm|bh) (delta|fieller|log) \w+$/.test(words) &&
    confidence > 0.5 &&
    confidence < 1 &&
    typeof cuped === "boolean" &&
    typeof sequential === "boolean" &&
    [list.from, list.until].every((day) => day === null || /^\d{4}-\d\d-\d\d$/.test(day)) &&
    (units.cap === null || units.cap === "none" || Number.isFinite(units.cap));
  return isLawful ? null : `it asks what no control offers: ${words}`;
}

function within(...parts: (Node | string)[]): HTMLElement {
  const place = document.createElement("div");
  place.append(...parts);
  return place;
}

const viewOf = (text: string): Made => ({
  experiment: experiment(text),
  observation: {id: 1, name: text, splitId: text},
  siblings: [{id: 2, name: text}]
});

/** Everything that is drawn of a text, by door; "markdown" alone may make elements of it. */
const drawings: Record<string, (text: string) => Node> = {
  "names and descriptions": (text) =>
    within(listOf(text), heading(viewOf(text)), metricList([{...metric(text), usedBy: 1} as Made], "")),
  "headers and errors": (text) =>
    within(
      columnsOf(text),
      failure(new Failure(`a${text}`, `a${text}`)),
      problem(new Failure(`a${text}`, `a${text}`))
    ),
  SQL: (text) => within(sqlText(text)),
  chat: turnOf,
  markdown: (text) =>
    within(
      answerNode(text, null, () => document.createElement("i")),
      answerNode(`1 ${text}`, [{text: "1", at: 0, source: null, why: text}] as Made, () =>
        document.createElement("i")
      )
    ),
  addresses: addressOf
};

const skeletonOf = (node: Node): string =>
  [...(node as Element).querySelectorAll("*")]
    .filter((each) => !isOfSql(each))
    .map((each) => `${each.tagName}[${namesOf(each).filter((name) => !free.has(name))}]`)
    .join("");

const namesOf = (each: Element) => [...each.attributes].map(({name}) => name).sort();

// SQL is coloured word by word.
const isOfSql = (each: Element) =>
  each.matches("pre span") && namesOf(each).every((name) => name === "class" || name === "data-line");

const free = new Set(["checked", "selected", "open", "style"]);

// What Markdown may become, and with which attributes.
const lawful = new Set(
  "DIV I P EM STRONG A CODE PRE UL OL LI TABLE THEAD TBODY TR TH TD BLOCKQUOTE HR BR S H1 H2 H3 H4 H5 H6".split(
    " "
  )
);
const attributes = new Set(["class", "href", "title", "target", "rel", "start", "tabindex", "style"]);

function markdownProblem(node: Node): string | null {
  for (const each of (node as Element).querySelectorAll("*")) {
    if (!lawful.has(each.tagName)) return `it makes ${each.outerHTML.slice(0, 80)}`;
    const odd = [...each.attributes].find(
      ({name, value}) =>
        !attributes.has(name) || (name === "style" && !/^text-align:(left|right|center)$/.test(value))
    );
    if (odd) return `it makes the attribute ${odd.name}="${odd.value}"`;
    if (each instanceof HTMLAnchorElement && !["http:", "https:", "mailto:"].includes(each.protocol))
      return `it links to ${each.href}`;
    const written = each.getAttribute("href") ?? "";
    if (
      each instanceof HTMLAnchorElement &&
      each.origin !== location.origin &&
      !/^(https?:|mailto:)/i.test(written)
    )
      return `${written} leaves the site unseen`;
  }
  return null;
}

const plain: Record<string, string> = {};

/** Returns how each text left its place in a door's drawing; null where it stayed. */
function judge(door: string, texts: string[], draw = drawings[door]): (string | null)[] {
  const start = location.origin + location.pathname;
  const expected = (plain[door] ??= skeletonOf(draw("plain")));
  return texts.map((text) => {
    try {
      const node = draw(text) as HTMLElement;
      document.body.append(node);
      const problem =
        door === "markdown"
          ? markdownProblem(node)
          : skeletonOf(node) === expected
            ? null
            : `it is drawn otherwise: ${node.innerHTML.slice(0, 300)}`;
      node.remove();
      if ("__pwned" in window) return "its script runs";
      return location.origin + location.pathname === start ? problem : "it changes the page's address";
    } catch (error) {
      return `it breaks: ${String(error)}`;
    }
  });
}

/** Returns how a page that carries data is not the page it was made from, with those data. */
function judgePages(pages: {page: string; json: string; title: string}[], model: string): (string | null)[] {
  const parsed = (page: string) => new DOMParser().parseFromString(page, "text/html");
  const expected = skeletonOf(parsed(model));
  return pages.map(({page, json, title}) => {
    const made = parsed(page);
    if (skeletonOf(made) !== expected) return "it makes other elements";
    if (
      made.querySelector("#report-data")?.textContent !== undefined &&
      JSON.stringify(JSON.parse(made.querySelector("#report-data")!.textContent!)) !== json
    )
      return "its data are others";
    // An HTML parser has one kind of line break, and a mark for a NUL.
    const shown = title.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
    const head = made.querySelector("title")!.textContent;
    return head === shown ? null : `its title is ${head}`;
  });
}

/** A drawing that pastes the text as HTML: what the judge must see. */
const pasted = (text: string) => {
  const place = within();
  place.innerHTML = text;
  return place;
};

Object.assign(window, {
  hostile: {
    judge,
    judgeAddresses,
    judgePages,
    judgePasted: (door: string, texts: string[]) => judge(door, texts, pasted)
  }
});
