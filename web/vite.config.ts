import vue from "@vitejs/plugin-vue";
import { compression } from "vite-plugin-compression2";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { usedIconsOnly } from "./icons.ts";

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

/** The script that asks for the first page's content comes first, and needs nothing of the others. */
const firstScript: Plugin = {
  name: "first-script",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle }) {
      const first = Object.values(bundle ?? {}).find(
        (file) => file.type === "chunk" && file.name === "first",
      );
      if (first?.type !== "chunk") return []; // while developing, scripts come from the disk
      // `async`: a script that is not waits for the style.
      const attrs = { type: "module", async: true, crossorigin: true, src: `/${first.fileName}` };
      const needs = first.imports.map((name) => ({
        rel: "modulepreload",
        crossorigin: true,
        href: `/${name}`,
      }));
      return [
        { tag: "script", attrs, injectTo: "head-prepend" },
        ...needs.map((attrs) => ({ tag: "link", attrs, injectTo: "head-prepend" as const })),
      ];
    },
  },
};

/**
 * Who opens the link of a hand-over gets a small page of its own, at the same address: what stands behind `#` no
 * server is told. So a script within the page writes the tags of one of the two. Browsers begin to load these as soon
 * as if they stood there, and nothing of the other page.
 */
const twoPages: Plugin = {
  name: "two-pages",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle }) {
      const tags: string[] = [];
      const rest = html.replace(
        /[ \t]*<(?:script type="module"[^>]*><\/script|link rel="(?:modulepreload|stylesheet)"[^>]*)>\n?/g,
        (tag) => (tags.push(tag.trim()), ""),
      );
      const review = Object.values(bundle ?? {}).find(
        (file) => file.type === "chunk" && file.name === "review",
      );
      const files = review?.type === "chunk" ? review : null;
      const link = (rel: string, name: string) => `<link rel="${rel}" crossorigin href="/${name}">`;
      const theirs = [
        `<script type="module" crossorigin src="/${files?.fileName ?? "src/review/main.ts"}"></script>`,
        ...(files?.imports ?? []).map((name) => link("modulepreload", name)),
        ...[...(files?.viteMetadata?.importedCss ?? [])].map((name) => link("stylesheet", name)),
      ];
      const text = (some: string[]) => `'${some.join("").replace(/</g, "\\x3c")}'`;
      const choice = `location.hash.startsWith("#review=")?${text(theirs)}:${text(tags)}`;
      return rest.replace("</head>", `<script>document.write(${choice})</script>\n  </head>`);
    },
  },
};

/** Files are packed once, when they are built. */
export const packing = () =>
  compression({ algorithms: ["gzip", "brotliCompress"], include: /\.(js|css|svg)$/ });

/** What both pages are built for. */
export const building = {
  target: "es2020", // WeChat's browser on older phones
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
  // How long plugins take on a busy machine is nothing that whoever types `make demo` can mend.
  rolldownOptions: { checks: { bundlerTimings: false } },
} as const;

export default defineConfig({
  plugins: [
    ownFontsOnly,
    usedIconsOnly([`${import.meta.dirname}/src`], `${import.meta.dirname}/node_modules/vant/es`),
    firstScript,
    twoPages,
    vue(),
    packing(),
  ],
  build: {
    ...building,
    rolldownOptions: {
      ...building.rolldownOptions,
      input: { index: "index.html", first: "src/first.ts", review: "src/review/main.ts" },
    },
  },
  server: { proxy: { [API]: { target: SERVER, ws: true } } },
  test: { include: ["src/**/*.test.ts", "admin/**/*.test.ts"] },
});
