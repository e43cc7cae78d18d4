import tseslint from "typescript-eslint";

export default tseslint.config(
  {ignores: ["node_modules", "dist", ".expanto", "src/.observablehq", "src/stats", "src/data"]},
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-vars": ["error", {argsIgnorePattern: "^_"}],
      "no-control-regex": "off",
      complexity: ["error", 20],
      "max-lines": ["error", {max: 400, skipBlankLines: true}],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["npm:*", "http:*", "https:*"],
              message: "pages import from node_modules, never from a CDN"
            }
          ]
        }
      ]
    }
  }
);
