// What can be looked up, in pieces: a guide by its headings, a metric, a file by its parts, an experiment.

import {createHash} from "node:crypto";
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {join, relative} from "node:path";
import {metricYaml} from "../../lib/metrics/written.js";
import {listExperiments} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";
import type {Passage, Shelf} from "../types.js";

/** A passage and the hash of its content, by which an index knows what changed. */
export type Chunk = Passage & {hash: string};

const longest = 3000;

/** Returns the sections of a Markdown file, each under the headings above it; long ones in parts. */
export function sectionsOf(markdown: string, file: string): Chunk[] {
  const path: string[] = [];
  const sections: {title: string; lines: string[]}[] = [];
  let isCode = false;
  for (const line of markdown.split("\n")) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const heading = isCode ? null : /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (heading) {
      path.splice(heading[1].length - 1, path.length, heading[2].replace(/[`*]/g, ""));
      sections.push({title: path.filter(Boolean).join(" › "), lines: []});
    } else {
      if (!sections.length) sections.push({title: file, lines: []});
      sections.at(-1)!.lines.push(line.replace(/!\[[^\]]*\]\([^)]*\)/g, ""));
    }
  }
  return sections.flatMap(({title, lines}) => partsOf(lines.join("\n").trim(), {title, file}));
}

function partsOf(text: string, {title, file}: {title: string; file: string}): Chunk[] {
  const id = `${file}#${slug(title)}`;
  return split(text).map((part, i) => chunk({id: i ? `${id}-${i + 1}` : id, title, text: part, href: null}));
}

const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");

// Parts end at an empty line; a text without one is cut where it is too long.
function split(text: string): string[] {
  const parts: string[] = [];
  for (const paragraph of text.split(/\n{2,}/)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + paragraph.length < longest)
      parts[parts.length - 1] = `${last}\n\n${paragraph}`;
    else parts.push(...(paragraph.match(new RegExp(`[\\s\\S]{1,${longest}}`, "g")) ?? []));
  }
  return parts.filter((part) => part.trim());
}

const chunk = (passage: Passage): Chunk => ({
  ...passage,
  hash: createHash("sha256").update(`${passage.title}\0${passage.text}`).digest("hex")
});

/** Returns everything on a shelf as it is now. */
export function chunksOf(shelf: Shelf, workspace: Workspace, root: string): Chunk[] {
  if (shelf === "docs") return docsOf(root);
  if (shelf === "metrics") return metricsOf(workspace);
  return shelf === "experiments" ? experimentsOf(workspace) : codeOf(workspace, root);
}

function docsOf(root: string): Chunk[] {
  const files = filesUnder(join(root, "docs"), /\.md$/).concat(join(root, "README.md")).filter(existsSync);
  return files.flatMap((file) => sectionsOf(readFileSync(file, "utf8"), relative(root, file)));
}

const metricsOf = ({registry}: Workspace): Chunk[] =>
  registry.metrics.map((metric) => {
    const {alias, title, type, group, description, tags, owner, goal} = metric;
    const facts = [
      alias,
      description,
      `${type} metric of ${group}`,
      tags.join(" "),
      owner && `owned by ${owner}`,
      goal && `should ${goal}`
    ];
    const text = [...facts.filter(Boolean), metricYaml(metric)].join("\n");
    return chunk({id: alias, title, text, href: `/metrics?metric=${encodeURIComponent(alias)}`});
  });

const experimentsOf = ({store}: Workspace): Chunk[] =>
  listExperiments(store).map(({id, name, hypotheses, description, design, conclusion, status}) => {
    const text = [hypotheses, description, design, conclusion, status].filter(Boolean).join("\n");
    return chunk({id: String(id), title: name, text, href: `/?experiment=${id}`});
  });

function codeOf({config}: Workspace, root: string): Chunk[] {
  const files = [
    ...filesUnder(config.folders.queries, /\.(sql|j2)$/),
    ...filesUnder(join(root, "lib/stats"), /^(?!.*families).*\.ts$/)
  ];
  return files.flatMap((file) => {
    const place = relative(root, file);
    return split(readFileSync(file, "utf8")).map((text, i) =>
      chunk({id: i ? `${place}:${i + 1}` : place, title: place, text, href: null})
    );
  });
}

function filesUnder(folder: string, pattern: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, {withFileTypes: true})
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesUnder(path, pattern);
      return pattern.test(entry.name) ? [path] : [];
    })
    .sort();
}
