// Pages are built offline: no font, module or style sheet is fetched from another host.
export default {
  root: "src",
  output: process.env.EXPANTO_SITE ?? "dist",
  title: "Expanto",
  style: "style.css",
  toc: false,
  pager: false,
  // Every page has the assistant's button (the chat is loaded when it is opened), and a link to the reader's account.
  head: `
    <script type="module" src="/components/assistant.js"></script>
    <script type="module" src="/components/account.js"></script>
  `,
  footer: "",
  globalStylesheets: [],
  pages: [
    {name: "Experiments", path: "/"},
    {name: "Observations", path: "/observations"},
    {name: "Results", path: "/results/latest"},
    {name: "Planner", path: "/planner"},
    {name: "Metrics", path: "/metrics"},
    {name: "Your file", path: "/file"},
    {name: "Reports", path: "/reports/"}
  ],
  // Every /results/<observation> is served from this one page, which reads its own address.
  dynamicPaths: ["/results/latest", "/reports/report"]
};
