import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/dist/**", "node_modules/**", ".venv/**", ".atom/**"] },
  js.configs.recommended,
  {
    files: ["static/src/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Build elements with kit/dom.js: strings of HTML are how scripts get in." },
        { property: "outerHTML", message: "Build elements with kit/dom.js." },
        { object: "document", property: "write", message: "Build elements with kit/dom.js." },
      ],
    },
  },
  { files: ["static/src/**/*.worker.js"], languageOptions: { globals: globals.worker } },
  { files: ["static/build.js", "eslint.config.js"], languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.node } },
];
