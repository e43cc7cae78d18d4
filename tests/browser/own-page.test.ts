// The page that docs/pages.md shows, built in a project of its own and opened.
import {cp, mkdtemp, readFile, symlink, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {expect, test} from "vitest";
import {createApp} from "../../server/app.js";
import {serve} from "../../server/serve.js";
import {buildSite} from "../../server/site.js";
import {violations} from "./axe.js";
import {launch, openPage, root} from "./browser.js";
import {fixtureParts} from "./fixtures.js";

test("an analyst’s own page of ten lines is built with the others, and shows what the components give", async () => {
  const guide = await readFile(join(root, "docs", "pages.md"), "utf8");
  const page = /````md\n([\s\S]*?)````/.exec(guide)![1];
  expect(page.split("\n").filter(Boolean).length).toBeLessThanOrEqual(10);
  const project = await mkdtemp(join(tmpdir(), "expanto-own-page-"));
  await cp(join(root, "src"), join(project, "src"), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith(".observablehq")
  });
  for (const name of ["node_modules", "lib", "data-loaders", "observablehq.config.ts", "tsconfig.json"])
    await symlink(join(root, name), join(project, name));
  await writeFile(join(project, "src", "checkout.md"), page);
  const site = join(project, "site");
  await buildSite({root: project, out: site});
  const server = await serve(createApp(fixtureParts(site)), {port: 0});
  const browser = await launch();
  try {
    const seen = {requests: [] as string[], problems: [] as string[]};
    const opened = await openPage(browser, `${server.url}/checkout`, {}, seen);
    await opened.locator("table.results").first().waitFor();
    expect(await opened.locator("h1").innerText()).toBe("Checkout, every treatment");
    expect(await opened.locator("table.results tbody").first().innerText()).toMatch(
      /Purchase conversion[\s\S]*\+7\.2%[\s\S]*▲ better/
    );
    expect([seen.problems, await violations(opened)]).toEqual([[], []]);
  } finally {
    await browser.close();
    await server.close();
  }
});
