/** Returns a text in lines of at most so many characters, broken between words, and within one that is longer. */
export function brokenLines(text: string, most: number): string[] {
  const words = text.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${most}}`, "gu")) ?? []);
  return words.slice(1).reduce(
    (lines, word) => {
      const longer = `${lines.at(-1)} ${word}`;
      return longer.length <= most ? [...lines.slice(0, -1), longer] : [...lines, word];
    },
    [words[0] ?? ""]
  );
}
