// The index by meaning: Chroma keeps the vectors, an embeddings model of the same endpoint makes them.

import {createHash} from "node:crypto";
import type {Collection} from "chromadb";
import type {Shelf} from "../types.js";
import type {Chunk} from "./chunk.js";
import type {SecondIndex} from "./library.js";

/** Makes vectors of texts, one each, all of one length. */
export type Embed = (texts: string[]) => Promise<number[][]>;

export type ChromaOptions = {
  /** Asked when something is first looked for. */
  url: () => Promise<string>;
  embed: Embed;
  /** Vectors of another model stand in collections of their own. */
  model: string;
};

const atOnce = 64;

/** Returns the index; its methods throw where the server or the model does not answer. */
export function chromaIndex({url, embed, model}: ChromaOptions): SecondIndex {
  const collections = new Map<Shelf, Promise<Collection>>();
  const indexed = new Map<Shelf, string>();
  const open = async (shelf: Shelf) => {
    const {ChromaClient} = await import("chromadb");
    const {hostname, port, protocol} = new URL(await url());
    const ssl = protocol === "https:";
    const client = new ChromaClient({host: hostname, port: Number(port || (ssl ? 443 : 80)), ssl});
    const [{length}] = await embed(["how long is a vector"]);
    const name = `expanto-${shelf}-${digest(model).slice(0, 12)}-${length}`;
    return client.getOrCreateCollection({name, embeddingFunction: null});
  };
  const collectionOf = (shelf: Shelf) => {
    const known = collections.get(shelf) ?? open(shelf);
    collections.set(shelf, known);
    return known;
  };
  return {
    async update(shelf, chunks) {
      const state = digest(chunks.map(({id, hash}) => id + hash).join());
      if (indexed.get(shelf) === state) return;
      await refresh(await collectionOf(shelf), chunks, embed);
      indexed.set(shelf, state);
    },
    async search(shelf, queries, most) {
      const collection = await collectionOf(shelf);
      const queryEmbeddings = await embed(queries);
      const {ids} = await collection.query({queryEmbeddings, nResults: most, include: []});
      return ids;
    }
  };
}

// Only what is new or other is embedded again; what is gone is taken out.
async function refresh(collection: Collection, chunks: Chunk[], embed: Embed): Promise<void> {
  const {ids, metadatas} = await collection.get({include: ["metadatas"]});
  const known = new Map(ids.map((id, i) => [id, metadatas[i]?.hash]));
  const wanted = new Set(chunks.map(({id}) => id));
  const gone = ids.filter((id) => !wanted.has(id));
  if (gone.length) await collection.delete({ids: gone});
  const changed = chunks.filter(({id, hash}) => known.get(id) !== hash);
  for (let i = 0; i < changed.length; i += atOnce) {
    const batch = changed.slice(i, i + atOnce);
    await collection.upsert({
      ids: batch.map(({id}) => id),
      embeddings: await embed(batch.map(({title, text}) => `${title}\n${text}`)),
      metadatas: batch.map(({hash}) => ({hash}))
    });
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
