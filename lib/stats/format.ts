import type {MetricInfo} from "../view-types.js";

const english = "en-US";

// Making a formatter takes longer than formatting a hundred numbers.
const formatters = new Map<string, Intl.NumberFormat>();
function formatted(x: number, options: Intl.NumberFormatOptions = {}): string {
  const key = JSON.stringify(options);
  const known = formatters.get(key) ?? new Intl.NumberFormat(english, options);
  formatters.set(key, known);
  return known.format(x);
}

const minus = (text: string) => text.replace("-", "−");
const missing = "–";

/** Returns a signed percentage as lifts are written: +5.2%, −0.6%. */
export function lift(x: number | null, digits = 1): string {
  if (x === null) return missing;
  if (!Number.isFinite(x)) return x > 0 ? "+∞" : "−∞";
  const options = {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "exceptZero"
  } as const;
  return minus(formatted(x, {style: "percent", ...options}));
}

/** Returns an unsigned percentage: 95%, 49.8%. */
export function percent(x: number, digits = 0): string {
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return minus(formatted(x, {style: "percent", ...options}));
}

/** Returns a confidence as people say it: 95%, 99.9%. */
export const confidenceOf = (x: number) => formatted(x, {style: "percent", maximumFractionDigits: 2});

export const count = (x: number) => formatted(x);

/** Returns a number of bytes as people say it: 19.5MB. */
export const size = (bytes: number) =>
  formatted(bytes, {
    style: "unit",
    unit: "byte",
    unitDisplay: "narrow",
    notation: "compact",
    maximumSignificantDigits: 3
  });

/** Returns a metric's own value in the metric's own format. */
export function value(x: number | null, metric: Pick<MetricInfo, "type" | "format">): string {
  return x === null ? missing : minus(formatted(x, formatOf(metric, x)));
}

/** Returns a signed difference of two values; of two shares, in percentage points. */
export function difference(x: number | null, metric: Pick<MetricInfo, "type" | "format">): string {
  if (x === null) return missing;
  if (!Number.isFinite(x)) return x > 0 ? "+∞" : "−∞";
  const format = formatOf(metric, x);
  if (format.style !== "percent") return minus(formatted(x, {...format, signDisplay: "exceptZero"}));
  const digits = {minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero"} as const;
  return `${minus(formatted(100 * x, digits))} pp`;
}

function formatOf({type, format}: Pick<MetricInfo, "type" | "format">, x: number): Intl.NumberFormatOptions {
  if (Object.keys(format).length) return format;
  const digits = {minimumFractionDigits: 2, maximumFractionDigits: 2};
  if (type === "proportion") return {style: "percent", ...digits};
  return Math.abs(x) >= 1 || x === 0 ? digits : {minimumSignificantDigits: 3, maximumSignificantDigits: 3};
}

/** Returns a number of moments as it was kept, to eight significant digits. */
export const raw = (x: number) => minus(formatted(x, {maximumSignificantDigits: 8}));

export function pvalue(p: number | null): string {
  if (p === null) return missing;
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
export const spell = (n: number) => words[n] ?? count(n);
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export {inSentence, list} from "./words.js";

const day = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", timeZone: "UTC"});
export const date = (d: Date) => day.format(d).replace("Sept", "Sep");

/** Returns a day written 2025-10-03 as it is read: 3 Oct. */
export const dayOf = (day: string) => date(new Date(day));

/** Returns the days from start to before end without repeating the month: 1–21 Oct, 22 Sep – 5 Oct. */
export function span(start: Date, end: Date): string {
  const last = new Date(+end - 1);
  if (date(start) === date(last)) return date(start);
  const sameMonth = start.toISOString().slice(0, 7) === last.toISOString().slice(0, 7);
  return sameMonth ? `${start.getUTCDate()}–${date(last)}` : `${date(start)} – ${date(last)}`;
}

/** Returns a moment to the minute, in UTC. */
export const minute = (instant: string) => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
