/**
 * What lies over a page, and the history: Back closes the topmost sheet, menu or dialog, and stays on the page.
 *
 *     useLayer(() => isOpen.value, () => (isOpen.value = false));
 *
 * An open layer has an entry of its own in the history, with its page's URL. Closing it in another way takes the
 * entry away again, so that Back leads on from the page. Going forward opens nothing. Escape closes the topmost layer,
 * and the focus returns to where it was.
 */
import { nextTick, onUnmounted, watch } from "vue";
import type { Router } from "vue-router";

interface Layer {
  close: () => void;
  cameFrom: Element | null;
}

/** How long anybody waits for the browser to go back. Where it never does, the entry costs one press of Back. */
const PATIENCE_MS = 1_000;

/** The open layers, the topmost last. */
const open: Layer[] = [];
let router: Router | undefined;
let turning: Promise<void> | undefined;
/** The browser goes back for what was closed, which takes it a moment: that is nobody's Back. */
let isGoingBack = false;

/** How many layers the present entry of the history stands for. */
const depth = (): number => Number((history.state as { layers?: number } | null)?.layers ?? 0);

/** Wait until the history has followed. Whoever goes back by program must, or it would only close a layer. */
export async function settled(): Promise<void> {
  await turning;
}

/** Count what lies over the page as a layer for as long as `isOpen`. */
export function useLayer(isOpen: () => boolean, close: () => void): void {
  let end: (() => void) | undefined;
  const follow = (is: boolean): void => {
    end?.();
    end = is ? openLayer(close) : undefined;
  };
  watch(isOpen, follow, { immediate: true });
  onUnmounted(() => follow(false));
}

/**
 * Note that a layer is open.
 *
 * @param close closes it; called for Back, for Escape, and before another page is shown
 * @returns what notes that it is closed; calling it twice is harmless
 */
export function openLayer(close: () => void): () => void {
  const layer = { close, cameFrom: document.activeElement };
  // A page that asks before Back leaves it is asked when the browser has gone back already: an entry would cut off
  // the way to return.
  if (isLeaving()) return () => undefined;
  open.push(layer);
  turn();
  return () => {
    const at = open.indexOf(layer);
    if (at >= 0) open.splice(at, 1);
    turn();
    void returnFocus(layer);
  };
}

/** Whether the browser has gone to another page's entry, and that page is not shown yet. */
function isLeaving(): boolean {
  return !!router && router.resolve(router.options.history.location).path !== router.currentRoute.value.path;
}

async function returnFocus({ cameFrom }: Layer): Promise<void> {
  await nextTick();
  if (cameFrom instanceof HTMLElement && cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
}

function closeDownTo(count: number): void {
  while (open.length > count) open.pop()?.close();
}

/** Have the history follow the layers. */
function turn(): void {
  turning ??= follow().finally(() => (turning = undefined));
}

async function follow(): Promise<void> {
  await Promise.resolve(); // what closes while another one opens leaves it the entry
  // Where it still goes back, going once more would lead away from the page.
  while (router && !isGoingBack && depth() !== open.length) {
    if (depth() > open.length) {
      if (!(await goBackBy(router, depth() - open.length))) return;
    } else {
      const { fullPath } = router.currentRoute.value;
      router.options.history.push(fullPath, { layers: depth() + 1 });
    }
  }
}

/** Go back without the router: the page stays. Returns whether the browser did. */
function goBackBy(router: Router, steps: number): Promise<boolean> {
  return new Promise((resolve) => {
    const arrived = (): void => {
      removeEventListener("popstate", arrived);
      clearTimeout(timer);
      isGoingBack = false;
      resolve(true);
      turn(); // where nobody waits any more
    };
    const timer = setTimeout(() => resolve(false), PATIENCE_MS);
    addEventListener("popstate", arrived);
    isGoingBack = true;
    router.options.history.go(-steps, false);
  });
}

/** The browser went back or forward: what its entry does not stand for is closed, and none is opened again. */
function moved(): void {
  if (isGoingBack) return; // what has opened meanwhile gets its entry then
  closeDownTo(depth());
  turn();
}

/** Begin; called once, with the page's router. */
export function installLayers(pages: Router): void {
  router = pages;
  addEventListener("popstate", moved);
  document.addEventListener("keydown", (event) => {
    const top = open[open.length - 1];
    if (event.key !== "Escape" || event.isComposing || !top) return;
    event.preventDefault();
    top.close();
  });
  // Another page goes on the page's own entry, so that the way back leads past no closed layer.
  pages.beforeEach(async (to, from) => {
    await settled();
    if (open.length > depth()) moved();
    else if (to.path !== from.path) closeDownTo(0);
    turn();
    await settled();
  });
  // A page that was loaded again has its entry, but no layer.
  void pages.isReady().then(turn);
}
