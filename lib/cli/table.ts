/** Returns rows of text as aligned lines, the first row their header; columns named as numbers align right. */
export function table(rows: string[][], {numbers = []}: {numbers?: number[]} = {}): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => width(row[i]))));
  const pad = (text: string, i: number) =>
    numbers.includes(i) ? fill(text, widths[i]) + text : text + fill(text, widths[i]);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Returns a text as part of a line: what would break it, turn it round, move a terminal's cursor or colour it is shown as escapes. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, shownAs);
}

/** Returns lines that cannot move a terminal's cursor or colour it; as JSON and in quotes of YAML they mean the same. */
export function onTerminal(lines: string): string {
  return lines.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, shownAs);
}

const shownAs = (c: string) => {
  const short = JSON.stringify(c).slice(1, -1);
  return short === c ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
};

const width = (text: string) => [...text].length;
const fill = (text: string, to: number) => " ".repeat(to - width(text));
