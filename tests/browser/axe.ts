import {readFile} from "node:fs/promises";
import {createRequire} from "node:module";
import type {Page} from "playwright-core";

const source = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Returns what axe finds wrong in a page as it stands, one line a rule with the elements. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(source, "utf8"));
  const found = await page.evaluate(runAxe);
  return found.violations.map((d) => `${d.id}: ${d.nodes.map((n) => n.html).join(" ")}`);
}

// The framework keeps the switch of its sidebar outside every landmark, where its style sheet needs it.
function runAxe(): Promise<AxeResult> {
  const {axe} = window as unknown as {axe: {run: (options: object) => Promise<AxeResult>}};
  return axe.run({rules: {region: {enabled: false}}});
}

type AxeResult = {violations: {id: string; nodes: {html: string}[]}[]};
