import {access, readFile, readdir} from "node:fs/promises";
import {dirname, join} from "node:path";
import {expect, test} from "vitest";

const guides = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...(await readdir("docs")).filter((file) => file.endsWith(".md")).map((file) => join("docs", file))
];

test.each(guides)("every link of %s leads to a file or heading that is there", async (guide) => {
  const text = await readFile(guide, "utf8");
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1]);
  const dead: string[] = [];
  for (const link of links) if (!(await leads(guide, link))) dead.push(link);
  expect(dead).toEqual([]);
});

async function leads(guide: string, link: string): Promise<boolean> {
  const [path, anchor] = link.split("#");
  const file = path ? join(dirname(guide), path) : guide;
  if (
    !(await access(file).then(
      () => true,
      () => false
    ))
  )
    return false;
  return !anchor || headings(await readFile(file, "utf8")).includes(anchor);
}

function headings(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  );
}
