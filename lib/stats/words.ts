// How sentences write numbers and names. English, with real minus signs.

/** Returns a share as a percentage, such as 5.2% or −0.6%; with a sign where it is a change. */
export function percent(share: number, {digits = 1, isChange = false} = {}): string {
  const text = `${Math.abs(share * 100).toFixed(digits)}%`;
  if (Number(text.slice(0, -1)) === 0) return text;
  return share < 0 ? `−${text}` : `${isChange ? "+" : ""}${text}`;
}

/** Returns a count with its thousands apart, such as 48,210. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Returns how many there are of a thing: 1 job, 1,204 jobs. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** Returns a p-value to three digits, or that it is below 0.001. */
export function pvalue(p: number | null): string {
  return p === null ? "p unknown" : p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
}

/** Returns names as a sentence lists them: a, b and c. */
export function list(names: string[]): string {
  return names.length < 2
    ? names.join("")
    : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** Returns a title as it stands inside a sentence: "Purchase conversion" small, an abbreviation such as "ARPU" as it is. */
export function inSentence(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
}
