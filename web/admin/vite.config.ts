import { fileURLToPath } from "node:url";
import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";
import page from "../vite.config.ts";

// A build of its own: the two pages share code, and no file, so nothing of the desk can come into the recruiter's.
export default mergeConfig(
  page,
  defineConfig({
    root: fileURLToPath(new URL(".", import.meta.url)),
    base: "/admin/",
    build: { outDir: "../dist/admin", emptyOutDir: true },
    server: {
      fs: { allow: [".."] },
      proxy: { "^/admin/api/": { target: process.env.TALENTFEED_URL ?? "http://127.0.0.1:8888" } },
    },
  }),
);
