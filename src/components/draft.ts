// A draft of an experiment on its way from the chat to the form.

import type {Written} from "../../lib/types.js";

const key = "expanto-draft";

/** Keeps a draft until it is saved or thrown away. */
export const keepDraft = (fields: Written) => sessionStorage.setItem(key, JSON.stringify(fields));

/** Returns the draft that is kept, or null. */
export function draftKept(): Written | null {
  const kept = sessionStorage.getItem(key);
  return kept ? (JSON.parse(kept) as Written) : null;
}

export const throwDraftAway = () => sessionStorage.removeItem(key);
