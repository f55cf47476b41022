import vue from "@vitejs/plugin-vue";
import { compression } from "vite-plugin-compression2";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the page with live reload and asks a running server for everything else.
const SERVER = process.env.TALENTFEED_URL ?? "http://127.0.0.1:8888";
const API = "^/(hr|special_feed|feed|resumes?|openapi.json|docs)(/|$)";

/** Vant's icons have a second source at another site, which the page's policy would refuse. */
const ownFontsOnly: Plugin = {
  name: "own-fonts-only",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith(".css") ? code.replace(/,\s*url\((https?:)?\/\/[^)]+\)\s*format\([^)]*\)/g, "") : undefined,
};

export default defineConfig({
  plugins: [
    ownFontsOnly,
    vue(),
    compression({ algorithms: ["gzip", "brotliCompress"], include: /\.(js|css|svg)$/ }),
  ],
  build: {
    target: "es2020", // WeChat's browser on older phones
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { [API]: { target: SERVER, ws: true } } },
  test: { include: ["src/**/*.test.ts", "admin/**/*.test.ts"] },
});
