/** Chunks that the server has no more. */
import { say } from "./stores/snack";

/**
 * A chunk is missing after a newer build replaced it, and the new page knows its new name. The server is asked first:
 * without it a reload would show the browser's error page.
 */
export function reloadWhenChunksAreMissing(): void {
  addEventListener("vite:preloadError", (event) => {
    event.preventDefault();
    void fetch(location.pathname, { method: "HEAD", cache: "no-store" }).then(
      () => location.reload(),
      () => say("连不上服务器，请检查网络后再试"),
    );
  });
}
