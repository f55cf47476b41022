import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { building, packing } from "../vite.config.ts";

// A build of its own: the two pages share code, and no file, so nothing of the desk can come into the recruiter's.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/admin/",
  plugins: [vue(), packing()],
  build: { ...building, outDir: "../dist/admin", emptyOutDir: true },
  server: {
    fs: { allow: [".."] },
    proxy: { "^/admin/api/": { target: process.env.TALENTFEED_URL ?? "http://127.0.0.1:8888" } },
  },
});
