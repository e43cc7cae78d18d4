// A shorter cut of the doors that a browser judges, and the real pages at hostile addresses.

import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {tryDoor} from "../../scripts/torture/doors/door.js";
import {openPageDoors, stampedOf, type PageDoors} from "../../scripts/torture/doors/pages.js";
import {setStage, type Stage} from "./browser.js";

let pages: PageDoors;
beforeAll(async () => {
  pages = await openPageDoors();
});
afterAll(() => pages.close());

describe("hostile texts stay texts", () => {
  test("in names, descriptions, headers, errors, SQL, the chat and its Markdown, addresses and published data", async () => {
    for (const door of pages.doors) {
      const {escapes, kept} = await tryDoor(door, {seed: 20261125, count: 1000});
      expect([door.name, escapes]).toEqual([door.name, []]);
      expect(kept).toBeGreaterThanOrEqual(200);
    }
  });

  test("pasted as HTML, each of them is seen", async () => {
    const texts = [
      "<b>a</b>",
      "<a href='javascript:a'>a</a>",
      "<svg><a xlink:href='javascript:a'>a</a></svg>",
      "<a href='/\\\\evil.example'>a</a>"
    ];
    expect(
      (await pages.pasted("markdown", ["<b>a</b>", ...texts.slice(1), "<p onclick=a>a</p>"])).filter(
        (each) => each === null
      )
    ).toEqual([]);
    expect((await pages.pasted("chat", texts)).filter((each) => each === null)).toEqual([]);
  });

  test("data that end their element, or a title, are seen", async () => {
    const lawful = stampedOf("plain");
    const ended = lawful.page.replace('"plain"', '"</script><b>"');
    const titled = lawful.page.replace("<title>", "<title>another ");
    const told = await pages.judgePages(
      [lawful, {...lawful, page: ended}, {...lawful, page: titled}],
      lawful.page
    );
    expect(told).toEqual([null, "it makes other elements", expect.stringContaining("its title is")]);
  });
});

describe("the real pages at hostile addresses", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  });
  afterAll(() => stage.close());

  const hostile = `"><img src=x onerror=window.__pwned=1><script>window.__pwned=1</script>`;
  const fields = [
    "search",
    "status",
    "order",
    "from",
    "variant",
    "units-where",
    "in",
    "group",
    "metric",
    "wait",
    "window",
    "experiment"
  ];

  test.each(["/", "/results/1", "/planner", "/metrics", "/compare", "/observations", "/file"])(
    "%s runs nothing of them and asks nobody else",
    async (path) => {
      const search = new URLSearchParams(fields.map((name) => [name, hostile]));
      const page = await stage.open(`${path}?${search}#${encodeURIComponent(hostile)}`);
      expect(await page.evaluate(() => "__pwned" in window)).toBe(false);
      expect(await page.locator("img[src=x]").count()).toBe(0);
      expect(stage.requests.filter((url) => !url.startsWith(stage.url) && !url.startsWith("data:"))).toEqual(
        []
      );
      await page.context().close();
    }
  );
});
