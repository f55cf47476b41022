import { defineConfig } from "@hey-api/openapi-ts";

// What `npm run types` makes of `/openapi.json`. `npm.py` sets both variables; a test writes to another folder.
export default defineConfig({
  input: process.env.OPENAPI ?? "http://127.0.0.1:8888/openapi.json",
  output: {
    path: process.env.TYPES ?? "src/api/generated",
    entryFile: false, // whoever imports from one file that has it all has it all in their chunk's way
  },
  plugins: [
    // Paths alone: the page asks the server that it came from.
    { name: "@hey-api/client-fetch", baseUrl: false },
    "@hey-api/typescript",
    // `src/api/client.ts` sends credentials.
    { name: "@hey-api/sdk", auth: false },
  ],
});
