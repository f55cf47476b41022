/** Pages that are loaded when they are opened, and cannot be: the network is away, or a newer build has replaced them. */
import type { Router } from "vue-router";
import { offer } from "./stores/snack";

/**
 * Say that a page could not be loaded, and open it once it can be.
 *
 * A chunk is missing after a newer build replaced it, and the new page knows its new name. The server is asked first:
 * without it a reload would show the browser's error page.
 */
export function openPagesLater(router: Router): void {
  const missing = new WeakSet<Error>();
  addEventListener("vite:preloadError", (event) => missing.add(event.payload));
  router.onError((error: Error, to) => {
    if (!missing.has(error)) throw error;
    void fetch(location.pathname, { method: "HEAD", cache: "no-store" }).then(
      () => {
        // Not by the router: a browser may remember that a chunk failed, until the page is loaded again.
        router.options.history.push(to.fullPath);
        location.reload();
      },
      () => offer("没有网络，这一页还没有下载", "再试一次", () => router.push(to.fullPath)),
    );
  });
}
