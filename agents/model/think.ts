/** Returns a reader of text in pieces that parts what stands between think tags from the rest, tags cut in two included. */
export function thinkReader(onText: (text: string) => void, onThinking: (text: string) => void) {
  let held = "";
  let isInside = false;
  const tell = (text: string) => {
    if (text) (isInside ? onThinking : onText)(text);
  };
  return {
    push(piece: string) {
      held += piece;
      for (;;) {
        const tag = isInside ? "</think>" : "<think>";
        const at = held.indexOf(tag);
        if (at < 0) break;
        tell(held.slice(0, at));
        held = held.slice(at + tag.length);
        isInside = !isInside;
      }
      const kept = beginningOf(isInside ? "</think>" : "<think>", held);
      tell(held.slice(0, held.length - kept));
      held = held.slice(held.length - kept);
    },
    end() {
      tell(held);
      held = "";
    }
  };
}

// How many letters at the end may be the beginning of a tag.
function beginningOf(tag: string, text: string): number {
  for (let n = Math.min(tag.length - 1, text.length); n > 0; n--)
    if (tag.startsWith(text.slice(-n))) return n;
  return 0;
}
