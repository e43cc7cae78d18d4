import {mkdtemp} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, describe, expect, test} from "vitest";
import {embeddingsModel} from "../../agents/model/embeddings.js";
import {chromaIndex, type Embed} from "../../agents/retrieval/chroma.js";
import {startChroma, type ChromaServer} from "../../agents/retrieval/chroma-server.js";
import {sectionsOf} from "../../agents/retrieval/chunk.js";
import {openLibrary} from "../../agents/retrieval/library.js";
import {seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import {scriptedModel, vectorOf, type ScriptedModel} from "../fixtures/scripted-model.js";

// The binding needs glibc on x64; elsewhere the fall back is what there is to test.
const canStart = process.platform === "linux" && process.arch === "x64";
let endpoint: ScriptedModel;
let folder: string;

beforeAll(async () => {
  endpoint = await scriptedModel();
  folder = await mkdtemp(join(tmpdir(), "expanto-chroma-"));
});

afterAll(() => endpoint.close());

const chunks = (text: string) => sectionsOf(text, "guide.md");
const guide = "# Cats\n\ncats purr and sleep\n\n# Dogs\n\ndogs bark at night\n\n# Fish\n\nfish swim in water";

describe.runIf(canStart)("a real Chroma server", () => {
  let server: ChromaServer;
  let embedded: string[] = [];
  const embed: Embed = async (texts) => {
    embedded.push(...texts);
    return texts.map((text) => vectorOf(text));
  };
  const index = () => chromaIndex({url: async () => server.url, embed, model: "hash"});

  beforeAll(async () => {
    server = await startChroma(folder);
  });

  afterAll(() => server?.stop());

  test("finds the nearest, embeds only what changed, and forgets what is gone", async () => {
    const first = index();
    await first.update("docs", chunks(guide));
    expect(embedded).toHaveLength(4);
    expect((await first.search("docs", ["dogs bark"], 2))[0][0]).toBe("guide.md#dogs");
    embedded = [];
    const again = index();
    await again.update("docs", chunks(guide.replace("bark at night", "howl").replace(/# Fish[\s\S]*/, "")));
    expect(embedded.slice(1)).toEqual(["Dogs\ndogs howl"]);
    expect((await again.search("docs", ["fish swim in water"], 9))[0].sort()).toEqual([
      "guide.md#cats",
      "guide.md#dogs"
    ]);
  });

  test("what was kept is there after a stop, and another server's start", async () => {
    await server.stop();
    server = await startChroma(folder);
    embedded = [];
    const index = chromaIndex({url: async () => server.url, embed, model: "hash"});
    await index.update("docs", chunks(guide.replace("bark at night", "howl").replace(/# Fish[\s\S]*/, "")));
    expect(embedded).toHaveLength(1);
  });

  test("a library asks it beside the words, and goes on by words alone when it dies", async () => {
    const workspace = await seededWorkspace();
    const second = chromaIndex({
      url: async () => server.url,
      embed: embeddingsModel({baseUrl: endpoint.url, apiKey: null, timeLimitMs: 5000}, "hash"),
      model: "library"
    });
    const lines: string[] = [];
    const library = openLibrary(workspace, {root: resolve("."), second, log: (line) => lines.push(line)});
    expect((await library.search("metrics", ["refund rate"], 2)).map(({id}) => id)).toContain("refund_rate");
    expect(lines).toEqual([]);
    await server.stop();
    expect((await library.search("metrics", ["refund rate"], 2)).map(({id}) => id)).toContain("refund_rate");
    expect(lines).toHaveLength(1);
    closeStore(workspace.store);
  });
});

test("an embeddings model that leaves vectors out is an error, not zeros", async () => {
  const embed = embeddingsModel({baseUrl: endpoint.url, apiKey: null, timeLimitMs: 5000}, "hash");
  const [first, second] = await embed(["cats purr", "dogs bark"]);
  expect([first.length, second.length]).toEqual([64, 64]);
  expect(endpoint.asked.at(-1)!.body.encoding_format).toBe("float");
  await expect(embed([])).rejects.toThrow("0 vectors");
});
