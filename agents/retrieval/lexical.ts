// The index by words: in memory, no server, no key. Names are found by their parts, some words by what else they are called.

import MiniSearch from "minisearch";
import type {Chunk} from "./chunk.js";

/** Words people use, and those the guides use. */
const called: Record<string, string> = {
  uplift: "lift",
  delta: "difference lift",
  group: "variant",
  arm: "variant",
  variation: "variant",
  user: "unit",
  users: "units",
  imbalance: "sample ratio mismatch srm",
  mismatch: "srm",
  peeking: "sequential early look",
  peek: "sequential early look",
  outlier: "cap winsorize",
  outliers: "cap winsorize",
  winsorize: "cap",
  variance: "cuped covariate",
  significant: "pvalue confidence interval",
  significance: "pvalue confidence",
  bayesian: "posterior",
  duration: "days planner",
  sample: "units power",
  size: "units",
  revenue: "revenue money order",
  money: "revenue",
  install: "start npm",
  setup: "configuration",
  connect: "warehouse configuration",
  credentials: "secret key",
  password: "secret environment",
  undo: "restore deleted",
  segment: "dimension",
  slow: "latency time",
  speed: "latency time",
  bug: "error crash",
  bugs: "errors crashes"
};

const stop = new Set(
  "a about an and any are as at be by can do does for from has have how i in is it its me my of on or our that the there this there's tell to use used was we what when where which who why will with you your".split(
    " "
  )
);

/** Returns the words of a text: lower case, without endings, names also in their parts. */
export function wordsOf(text: string): string[] {
  const parted = text.replace(/([a-z])([A-Z])/g, "$1 $2");
  const words = parted.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words
    .flatMap((word) => [...new Set([word, ...word.split("_")])])
    .filter((word) => word && !stop.has(word));
}

const stem = (word: string) =>
  word.length > 4 ? word.replace(/(ies)$/, "y").replace(/(ations?|ing|ed|es|s)$/, "") || word : word;

/** Returns an index of chunks: search gives ids, the nearest first; update takes what changed, by the hash of its content. */
export function lexicalIndex() {
  const known = new Map<string, Chunk>();
  const index = new MiniSearch<Chunk>({
    fields: ["heading", "title", "text"],
    // A guide's own name stands above all its sections and tells none from another.
    extractField: (chunk, field) =>
      field === "heading" ? chunk.title.split(" › ").at(-1)! : chunk[field as "id" | "title" | "text"],
    tokenize: wordsOf,
    processTerm: stem,
    searchOptions: {
      boost: {heading: 3, title: 0.5},
      prefix: (term) => term.length > 4,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false)
    }
  });
  return {
    /** Takes the chunks as they are now; returns how many were new, changed or gone. */
    update(chunks: Chunk[]): number {
      const ids = new Set(chunks.map(({id}) => id));
      const gone = [...known.values()].filter(({id}) => !ids.has(id));
      const changed = chunks.filter(({id, hash}) => known.get(id)?.hash !== hash);
      for (const old of [...gone, ...changed.flatMap(({id}) => known.get(id) ?? [])]) {
        index.remove(old);
        known.delete(old.id);
      }
      for (const chunk of new Map(changed.map((each) => [each.id, each])).values()) {
        index.add(chunk);
        known.set(chunk.id, chunk);
      }
      return gone.length + changed.length;
    },
    search(query: string, most: number): string[] {
      const more = wordsOf(query).flatMap((word) => called[word] ?? []);
      return index
        .search([query, ...more].join(" "))
        .slice(0, most)
        .map(({id}) => String(id));
    },
    of: (id: string) => known.get(id) ?? null,
    all: () => [...known.values()]
  };
}

export type LexicalIndex = ReturnType<typeof lexicalIndex>;
