// Hostile texts: pieces that mean something to a parser somewhere, between words that mean nothing.

import fc from "fast-check";

const markup = [
  "<script>window.__pwned=1</script>",
  "<img src=x onerror=window.__pwned=1>",
  '"><svg onload=window.__pwned=1>',
  "' onmouseover='window.__pwned=1",
  "</script><script>window.__pwned=1</script>",
  "</title>",
  "</textarea><b>",
  "</style>",
  "<!--",
  "-->",
  "<![CDATA[",
  "]]>",
  "<iframe srcdoc='<script>parent.__pwned=1</script>'>",
  "<base href=//evil.example>",
  "<form action=//evil.example><button>",
  "<math><mtext><style><img src=x onerror=window.__pwned=1>",
  "&lt;b&gt;",
  "&#x3c;script&#x3e;",
  "${window.__pwned=1}",
  "{{constructor.constructor('window.__pwned=1')()}}",
  "javascript:window.__pwned=1",
  "[a](javascript:window.__pwned=1)",
  "[a](java&#10;script:window.__pwned=1)",
  "![a](http://evil.example/x.png)",
  "<http://evil.example>",
  "[a]: javascript:window.__pwned=1",
  "[a](data:text/html,<script>window.__pwned=1</script>)",
  "[a](//evil.example)",
  "[a](/\\evil.example)",
  "```\n</code></pre><script>window.__pwned=1</script>\n```",
  "| a | b |\n|---|---|\n| <b> | c |"
];
const files = [
  "../",
  "..\\",
  "/etc/passwd",
  "C:\\",
  "%2e%2e%2f",
  "..",
  ".",
  "~",
  "con",
  "*.csv",
  "?",
  "[a-z]",
  "-rf",
  "a/b"
];
const controls = [
  "\u0000",
  "\u0007",
  "\b",
  "\t",
  "\n",
  "\r\n",
  "\r",
  "\u001b[2J",
  "\u001b]8;;http://evil.example\u0007",
  "\u001b]52;c;AAAA\u0007",
  "\u001b[31merror: \u001b[0m",
  "\u007f",
  "\u009b2J",
  "\u0085",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\ud800",
  '\n{"level":"error","msg":"forged"}'
];
const formulas = [
  "=1+1",
  '=HYPERLINK("http://evil.example")',
  "+1",
  "-1",
  "@SUM(A1)",
  "=cmd|' /C calc'!A0",
  "\t=1",
  "\r=1",
  "＝1",
  ";=1",
  ",=1",
  '"=1'
];
const quotes = [
  "'",
  '"',
  "''",
  '""',
  "`",
  "\\",
  "\\'",
  "\\\\",
  "${",
  "}}",
  "{%",
  "$$",
  ";",
  "--",
  "/*",
  "*/",
  "#",
  "__proto__",
  "constructor",
  "toString",
  "%s",
  "$&",
  "$1",
  "$'"
];
const words = [
  "checkout",
  "Größe",
  "控制",
  "control",
  "a",
  "1",
  "-1.5",
  "1e3",
  " ",
  "\u00a0",
  "🛒",
  "e\u0301",
  "null",
  "true"
];

const piece = fc.oneof(
  {weight: 3, arbitrary: fc.constantFrom(...markup)},
  {weight: 2, arbitrary: fc.constantFrom(...controls)},
  {weight: 2, arbitrary: fc.constantFrom(...quotes)},
  {weight: 1, arbitrary: fc.constantFrom(...files)},
  {weight: 1, arbitrary: fc.constantFrom(...formulas)},
  {weight: 3, arbitrary: fc.constantFrom(...words)},
  {weight: 2, arbitrary: fc.string({unit: "binary", maxLength: 12})},
  {weight: 2, arbitrary: fc.string({maxLength: 12})}
);

/** Any text somebody might give as a name, a description, a header or a cell. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(piece, {minLength: 1, maxLength: 6})
  .map((pieces) => pieces.join(""));
