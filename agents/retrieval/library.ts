// The shelves, indexed as they are when somebody asks; a second index may be asked beside the one by words.

import {tellBug} from "../errors.js";
import type {Workspace} from "../../lib/workspace.js";
import {shelves, type Library, type Passage, type Shelf} from "../types.js";
import {chunksOf, type Chunk} from "./chunk.js";
import {fuse} from "./fuse.js";
import {lexicalIndex, type LexicalIndex} from "./lexical.js";

/** An index by meaning: takes what is on a shelf, and ranks it. It may fail; then words alone decide. */
export type SecondIndex = {
  update: (shelf: Shelf, chunks: Chunk[]) => Promise<void>;
  search: (shelf: Shelf, queries: string[], most: number) => Promise<string[][]>;
};

export type LibraryOptions = {
  /** The folder of the project, where its guides stand. */
  root: string;
  second?: SecondIndex | null;
  /** Told once where the second index fails. */
  log?: (line: string) => void;
};

/** Returns the library of a workspace. */
export function openLibrary(
  workspace: Workspace,
  {root, second = null, log = tellBug}: LibraryOptions
): Library {
  const indexes = new Map<Shelf, LexicalIndex>(shelves.map((shelf) => [shelf, lexicalIndex()]));
  const fresh = (shelf: Shelf) => {
    const index = indexes.get(shelf)!;
    index.update(chunksOf(shelf, workspace, root));
    return index;
  };
  let helper = second;
  const byMeaning = async (shelf: Shelf, index: LexicalIndex, queries: string[], most: number) => {
    if (!helper) return [];
    try {
      await helper.update(shelf, index.all());
      return await helper.search(shelf, queries, most);
    } catch (error) {
      helper = null;
      log(`search by meaning is off, words alone decide: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  };
  return {
    async search(shelf, queries, most) {
      const index = fresh(shelf);
      const rankings = queries.map((query) => index.search(query, 3 * most));
      const meant = await byMeaning(shelf, index, queries, 3 * most);
      return fuse([...rankings, ...meant], most).flatMap((id) => passage(index.of(id)));
    },
    read: (shelf, id) => passage(fresh(shelf).of(id)).at(0) ?? null,
    outline: (shelf) =>
      fresh(shelf)
        .all()
        .map(({id, title}) => ({id, title}))
  };
}

const passage = (chunk: Chunk | null): Passage[] => {
  if (!chunk) return [];
  const {id, title, text, href} = chunk;
  return [{id, title, text, href}];
};
