// What can be said of a formula without parsing SQL: by its words, outside of quoted text.

/** A formula with quoted text blanked out, so that words and brackets in it count for nothing. */
export type Masked = {text: string; unclosed: string | null};

const zeroAggregates = new Set(
  "sum count countif count_if count_star sum_if sumif fsum sumkahan kahan_sum sum_no_overflow approx_count_distinct bool_or logical_or regr_count".split(
    " "
  )
);

const otherAggregates = new Set(
  (
    "any_value approx_quantile approx_quantiles approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null argmax argmin " +
    "array_agg avg avg_if avgif bit_and bit_or bit_xor bitstring_agg bool_and corr covar_pop covar_samp entropy every favg " +
    "first first_value geometric_mean group_concat histogram kurtosis kurtosis_pop last last_value list listagg logical_and " +
    "mad max max_by max_if maxif mean median min min_by min_if minif mode percentile_cont percentile_disc product quantile " +
    "quantile_cont quantile_disc regr_avgx regr_avgy regr_intercept regr_r2 regr_slope reservoir_quantile sem skewness " +
    "stddev stddev_pop stddev_samp string_agg var_pop var_samp variance approx_percentile"
  ).split(" ")
);

/** Returns whether a function of this name makes one value of many rows. */
export function isAggregate(name: string): boolean {
  return zeroAggregates.has(name.toLowerCase()) || otherAggregates.has(name.toLowerCase());
}

/** Returns what is wrong with a formula and how to mend it; empty where nothing is, as far as words can tell. */
export function formulaProblems(sql: string): {message: string; hint: string}[] {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(sql)) return [controlCharacter];
  const {text, unclosed} = mask(sql);
  if (unclosed) return [{message: `a quote ${unclosed} is never closed`, hint: "close the quote"}];
  const problems = [bracketProblem(text), clauseProblem(text)].filter((problem) => problem !== null);
  for (const {found, message, hint} of forbidden) if (found.test(text)) problems.push({message, hint});
  return problems.length > 0 || aggregatesIn(text).length > 0 ? problems : [noAggregate];
}

/** Returns "zero" where a unit without events must count as zero, "exclude" where such a unit has no value. */
export function defaultMissing(sql: string): "zero" | "exclude" {
  const {text} = mask(sql);
  const calls = aggregatesIn(text);
  const addsUp =
    calls.length > 0 && calls.every(({name, body}) => zeroAggregates.has(name) || isFlag(name, body));
  return addsUp && !dividesByAggregate(text, calls) ? "zero" : "exclude";
}

/** Returns a formula with each run of white space outside quotes as one blank: equal for equal formulas. */
export function normalised(sql: string): string {
  const {text} = mask(sql);
  return collapse(sql, text).trim();
}

/** Returns the formula with what stands between quotes replaced by dots of the same length. */
function mask(sql: string): Masked {
  let text = "";
  for (let at = 0; at < sql.length;) {
    const quote = sql[at];
    if (quote !== "'" && quote !== '"' && quote !== "`") {
      text += sql[at++];
      continue;
    }
    const end = closing(sql, at);
    if (end === null) return {text, unclosed: quote};
    text += quote + ".".repeat(end - at - 1) + quote;
    at = end + 1;
  }
  return {text, unclosed: null};
}

// A doubled quote stands for itself; a backslash escapes in E'…' alone.
function closing(sql: string, start: number): number | null {
  const quote = sql[start];
  const escapes = quote === "'" && /(^|\W)e$/i.test(sql.slice(0, start));
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === "\\") at++;
    else if (sql[at] === quote && sql[at + 1] === quote) at++;
    else if (sql[at] === quote) return at;
  }
  return null;
}

const controlCharacter = {
  message: "a formula must not hold a control character",
  hint: "write it anew: the character cannot be seen"
};

const noAggregate = {
  message: "a formula must be an aggregate of the unit's events",
  hint: "wrap the column: SUM(…), COUNT(…), AVG(…), MAX(CASE WHEN … THEN 1 ELSE 0 END)"
};

const forbidden = [
  {found: /--|\/\*|\*\//, message: "a formula must not hold a comment", hint: "put it into description"},
  {
    found: /;/,
    message: "a formula must not hold a semicolon",
    hint: "a formula is one expression, not a statement"
  },
  {
    found: /\$\w*\$/,
    message: "a formula must not hold dollar-quoted text",
    hint: "write the text between single quotes"
  },
  {
    found:
      /(?<![.\w])select\b|\(\s*(from|table|values|with)\b|^\s*(from|with|insert|update|delete|drop|copy)\s/i,
    message: "a formula must not hold a statement or a sub-select",
    hint: "only the columns of events can be used"
  },
  {
    found: /\bover\s*(\(|\w+\s*$)/i,
    message: "a formula must not be a window function",
    hint: "a unit's events are one group; drop OVER (…)"
  }
];

function bracketProblem(text: string): {message: string; hint: string} | null {
  let depth = 0;
  for (const char of text) {
    if (char === "(") depth++;
    if (char === ")" && --depth < 0)
      return {message: "unbalanced parentheses", hint: "one ) has no ( before it"};
  }
  return depth === 0 ? null : {message: "unbalanced parentheses", hint: `${depth} more ) needed`};
}

// What ends an expression: a comma, a clause, a name given by AS. Inside brackets these may be lawful.
function clauseProblem(text: string): {message: string; hint: string} | null {
  const found = /,|(?<!\bdistinct\s+)\bfrom\b|\b(where|having|limit|union|as)\b|\b(group|order)\s+by\b/i;
  const word = found.exec(outsideBrackets(text))?.[0];
  if (!word) return null;
  const hint =
    word === "," ? "keep one expression" : "conditions belong inside: CASE WHEN … or FILTER (WHERE …)";
  return {message: `a formula is one expression: ${word} ends it`, hint};
}

function outsideBrackets(text: string): string {
  let depth = 0;
  let outside = "";
  for (const char of text) {
    if (char === ")") depth--;
    outside += depth === 0 ? char : " ";
    if (char === "(") depth++;
  }
  return outside;
}

type Call = {name: string; start: number; end: number; body: string};

// Outermost aggregate calls: what stands inside one is not looked at again.
function aggregatesIn(text: string): Call[] {
  const calls: Call[] = [];
  for (const match of text.matchAll(/(?<![.\w])(\w+)\s*\(/g)) {
    const open = match.index + match[0].length;
    const isInside = calls.some(({start, end}) => match.index > start && match.index < end);
    if (isInside || !isAggregate(match[1])) continue;
    const end = closingBracket(text, open);
    calls.push({name: match[1].toLowerCase(), start: match.index, end, body: text.slice(open, end)});
  }
  return calls;
}

function closingBracket(text: string, open: number): number {
  let depth = 1;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return at;
  }
  return text.length;
}

function isFlag(name: string, body: string): boolean {
  if (name !== "max" && name !== "min") return false;
  const isCase = /^\s*case\b.*\bthen\s+(1|true)(\s+else\s+(0|false))?\s+end\s*$/is.test(body);
  return isCase || /^\s*(if|iff)\s*\(.*,\s*(1|true)\s*,\s*(0|false)\s*\)\s*$/is.test(body);
}

// SUM(x) / COUNT(y) has no value for a unit without events: it is an average in other words.
function dividesByAggregate(text: string, calls: Call[]): boolean {
  return calls.some(({start}) => /\/[\s\w(]*$/.test(text.slice(0, start)));
}

function collapse(sql: string, text: string): string {
  let result = "";
  for (let at = 0; at < sql.length; at++) {
    const isBlank = /\s/.test(text[at] ?? sql[at]);
    if (!isBlank) result += sql[at];
    else if (!result.endsWith(" ")) result += " ";
  }
  return result;
}
