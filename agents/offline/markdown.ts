/** Returns a text that is shown as it is, whatever Markdown it holds. */
export const escaped = (text: string) => text.replace(/[\\`*_[\]<>|#~!]/g, "\\$&");

/** Returns a sentence with its capital and its full stop. */
export const sentence = (text: string) =>
  `${text[0].toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
