/** Returns rows of text as aligned lines, the first row their header; columns named as numbers align right. */
export function table(rows: string[][], {numbers = []}: {numbers?: number[]} = {}): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => width(row[i]))));
  const pad = (text: string, i: number) =>
    numbers.includes(i) ? fill(text, widths[i]) + text : text + fill(text, widths[i]);
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

/** Returns text that cannot move a terminal's cursor or colour it: control characters are shown as escapes. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) =>
    JSON.stringify(c)
      .slice(1, -1)
      .replace(/^(?!\\)/, "\\x" + c.charCodeAt(0).toString(16))
  );
}

const width = (text: string) => [...text].length;
const fill = (text: string, to: number) => " ".repeat(to - width(text));
