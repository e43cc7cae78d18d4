// Who may import whom; the table in CONTRIBUTING.md says why.
const only = (name, from, to) => ({
  name,
  severity: "error",
  comment: `${name}: see the table in CONTRIBUTING.md`,
  from: {path: from},
  to: {
    path: "^(lib|src|agents|eval|server|data-loaders|scripts|bench|tests)/",
    pathNot: to,
    dependencyTypesNot: ["type-only"]
  }
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: {circular: true, viaOnly: {dependencyTypesNot: ["type-only"]}}
    },
    only("statistics-stand-alone", "^lib/stats/", "^lib/stats/"),
    only("lib-knows-no-page", "^lib/", "^lib/"),
    only("pages-reach-statistics-only", "^src/", "^(src|lib/stats)/"),
    only("agents-use-lib", "^agents/", "^(lib|agents)/"),
    only("evaluation-asks-agents", "^eval/", "^(lib|agents|eval)/"),
    only("server-uses-lib-and-agents", "^server/", "^(lib|agents|server)/"),
    only("loaders-use-lib", "^data-loaders/", "^(lib|data-loaders)/"),
    {
      name: "lib-goes-downward",
      severity: "error",
      from: {
        path: "^lib/(types|errors|trace|config|yaml-file|metrics|templates|sql-filter|warehouse|aggregate|cache|store)"
      },
      to: {
        path: "^lib/(sql-of|calculate|views|workspace|observations|analyze|audit|check-templates|check-experiment|cli|demo)",
        dependencyTypesNot: ["type-only"]
      }
    },
    {
      name: "statistics-need-no-node",
      severity: "error",
      from: {path: "^lib/stats/"},
      to: {dependencyTypes: ["core", "npm"], dependencyTypesNot: ["type-only"]}
    }
  ],
  options: {
    doNotFollow: {path: "node_modules"},
    exclude: {path: "^(dist|\\.expanto|src/\\.observablehq)"},
    tsPreCompilationDeps: true,
    tsConfig: {fileName: "tsconfig.json"},
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "default"]
    }
  }
};
