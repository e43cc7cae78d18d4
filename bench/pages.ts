// Measures real pages in a headless Chromium: `npx tsx bench/pages.ts`. First paint, the answer to an input of Results with
// 200 metrics in 5 variants and 1,000 cells, and a keystroke of the search among 10,000 experiments. An answer is counted from the
// event to the frame in which its change stands on the page.
import {createApp} from "../server/app.js";
import {serve} from "../server/serve.js";
import {buildSite} from "../server/site.js";
import type {ExperimentCard, MetricMoments, ResultsView} from "../lib/view-types.js";
import type {Cells} from "../lib/stats/cells.js";
import {launch, root, site} from "../tests/browser/browser.js";
import {fixtureParts} from "../tests/browser/fixtures.js";
import {gzipSync} from "node:zlib";

await buildSite({root, out: site});
const parts = fixtureParts(site);
const [card] = await parts.experimentCards();
const view = wide(await parts.resultsView(1));
const cells = gzipSync(JSON.stringify(cellsOf(view)));
const server = await serve(
  createApp({
    ...parts,
    resultsView: () => view,
    cells: () => cells,
    slice: () => ({job: 1, cells: cellsOf(view)}),
    experimentCards: () => many(card)
  }),
  {port: 0}
);
const browser = await launch();

console.log(`${"".padEnd(58)}${"median".padStart(9)}${"p95".padStart(9)}  ms`);
for (const path of ["/results/1", "/"]) {
  const paints: number[] = [];
  for (let i = 0; i < 7; i++) {
    const page = await browser.newPage();
    await page.goto(server.url + path, {waitUntil: "load"});
    const first = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null;
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
    paints.push((await page.evaluate(first))!);
    await page.close();
  }
  say(`first contentful paint, ${path}`, paints);
}

const results = await browser.newPage({viewport: {width: 1180, height: 900}});
await results.goto(`${server.url}/results/1`, {waitUntil: "networkidle"});
await results.locator("table.readings tbody tr").first().waitFor();
sayAnswers(
  "confidence, 200 metrics × 5 variants",
  await answers(results, "select", "table.results > caption")
);

const list = await browser.newPage({viewport: {width: 1180, height: 900}});
await list.goto(`${server.url}/`, {waitUntil: "load"});
await list.locator(".experiments li").first().waitFor({timeout: 120_000});
sayAnswers("a keystroke among 10,000 experiments", await answers(list, "search", ".experiments"));
await browser.close();
await server.close();

type Answers = {whole: number[]; work: number[]};

// Changes an input so many times, each once the last is answered. Returns how long each answer took as a reader sees it, to the
// frame that paints it, and how long the page worked on it within its frame: the notebook's runtime recomputes at the start of
// the next frame, up to 16.7 ms after the event whatever is computed.
async function answers(page: typeof results, kind: "select" | "search", watched: string): Promise<Answers> {
  return await page.evaluate(
    async ({kind, watched}) => {
      const selects = [...document.querySelectorAll("select")];
      const control =
        kind === "search"
          ? document.querySelector<HTMLInputElement>('input[type="search"]')!
          : selects.find((each) => /90%/.test(each.textContent ?? ""))!;
      const found: Answers = {whole: [], work: []};
      for (let i = 0; i < 40; i++) {
        const first = document.querySelector(watched);
        const before = first?.outerHTML;
        const changed = new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            const now = document.querySelector(watched);
            if (!now || (now === first && now.outerHTML === before)) return;
            observer.disconnect();
            resolve(performance.now());
          });
          observer.observe(document.body, {subtree: true, childList: true, attributes: true});
        });
        const frame = new Promise<number>((resolve) =>
          requestAnimationFrame(() => resolve(performance.now()))
        );
        const started = performance.now();
        if (kind === "search") control.value = ["check", "checkout 1", "checkout 17", "faster"][i % 4];
        else (control as HTMLSelectElement).selectedIndex = i % 4;
        control.dispatchEvent(new Event("input", {bubbles: true}));
        control.dispatchEvent(new Event("change", {bubbles: true}));
        const late = new Promise<number>((resolve) => setTimeout(() => resolve(Infinity), 20_000));
        const at = await Promise.race([changed, late]);
        found.work.push(at - Math.min(await frame, at));
        await new Promise(requestAnimationFrame);
        found.whole.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 250 + 7 * (i % 5)));
      }
      return found;
    },
    {kind, watched}
  );
}

function sayAnswers(what: string, {whole, work}: Answers) {
  say(`${what}: work in its frame`, work);
  say(`${what}: event to painted`, whole);
}

function say(what: string, times: number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  console.log(`${what.padEnd(58)}${at(0.5).toFixed(1).padStart(9)}${at(0.95).toFixed(1).padStart(9)}`);
}

function wide(view: ResultsView): ResultsView {
  const names = ["control", "b", "c", "d", "e"];
  const variants = names.map((name, i) => ({name, allocation: 0.2, isControl: i === 0}));
  const [first] = view.metrics;
  const metrics = Array.from({length: 200}, (_, k): MetricMoments => {
    const role = k === 0 ? "primary" : k < 50 ? "secondary" : k < 60 ? "guardrail" : "other";
    const metric = {
      ...first.metric,
      alias: `metric_${k}`,
      title: `Metric ${k}`,
      type: "mean" as const,
      role,
      format: {}
    };
    const arms = names.map((variant, i) => ({
      variant,
      moments: {
        n: 10_000 + i,
        means: [10 + i * 0.05, 9],
        covariance: [
          [16, 8],
          [8, 16]
        ]
      },
      reason: null
    }));
    return {metric: metric as MetricMoments["metric"], arms};
  });
  const facts = {
    splits: names.flatMap((variant) =>
      [0, 1, 2].map((i) => ({dimension: "country", value: `c${i}`, variant, units: 3333}))
    )
  };
  return {
    ...view,
    experiment: {...view.experiment, variants, keyMetrics: ["metric_0"], guardrails: []},
    metrics,
    exposures: names.flatMap((variant) => [{variant, day: "2025-10-01", units: 10_000}]),
    series: [],
    hasCells: true,
    job: {...view.job!, facts}
  };
}

// Five variants, three countries, 67 days: some 1,000 cells.
function cellsOf({metrics}: ResultsView): Cells {
  const days = Array.from({length: 67}, (_, i) =>
    new Date(Date.UTC(2025, 9, 1 + i)).toISOString().slice(0, 10)
  );
  const spots = [0, 1, 2, 3, 4].flatMap((v) => [0, 1, 2].flatMap((c) => days.map((_, d) => [v, c, d])));
  const units = spots.map(() => 50);
  return {
    variants: ["control", "b", "c", "d", "e"],
    keys: [
      {name: "country", values: ["c0", "c1", "c2"]},
      {name: "day", values: days}
    ],
    variant: spots.map(([v]) => v),
    at: [spots.map(([, c]) => c), spots.map(([, , d]) => d)],
    units,
    metrics: metrics.map(({metric}) => ({
      alias: metric.alias,
      n: null,
      means: [spots.map(([v]) => 10 + v * 0.05), spots.map(() => 9)],
      products: [16, 8, 16].map((x) => units.map((n) => x * (n - 1)))
    }))
  };
}

function many(card: ExperimentCard): ExperimentCard[] {
  return Array.from({length: 10_000}, (_, i) => ({
    ...card,
    experiment: {
      ...card.experiment,
      id: i + 1,
      name: `Faster checkout ${i}`,
      status: i % 5 ? "completed" : "running"
    }
  }));
}
