import { defineConfigWithVueTs, vueTsConfigs } from "@vue/eslint-config-typescript";
import vue from "eslint-plugin-vue";

const QUERIES = {
  selector: "MemberExpression[property.name=/^(querySelector|getElement)/]",
  message: "A component knows its own elements by refs, and others by what they expose.",
};
const EFFECTS = {
  selector: "Program > ExpressionStatement",
  message: "A module declares. What listens or acts is a function that main.ts calls.",
};

export default defineConfigWithVueTs(
  { ignores: ["dist", "node_modules", "src/api/generated", "miniprogram-example"] },
  vue.configs["flat/recommended"],
  vueTsConfigs.recommended,
  {
    rules: {
      // Prettier's business.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/multiline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "max-lines": ["error", 300],
      "vue/no-v-html": "error",
    },
  },
  {
    files: ["src/**/*.{ts,vue}"],
    // Their turn comes; the list only gets shorter.
    ignores: ["EditorView", "ResumeView"].map((name) => `src/**/${name}.vue`),
    rules: {
      "no-restricted-syntax": ["error", QUERIES],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/main.ts", "src/first.ts", "src/review/main.ts", "**/*.test.ts"],
    rules: {
      "no-restricted-syntax": ["error", QUERIES, EFFECTS],
    },
  },
  { files: ["**/*.test.ts"], rules: { "vue/one-component-per-file": "off" } },
);
