/** The socket of this page. Its frames change the feeds, and tell the open lists. */
import { onUnmounted, ref, watch } from "vue";
import type { Frame } from "../live/frames";
import { LiveSocket, type LiveState, type Wire } from "../live/socket";
import { dropFeed, feedOf, feeds, loadFeeds, loadFeedsSoon, setCount, setProgress } from "./feeds";
import { authorization, endSession, onSessionEnd, session } from "./session";

export const liveState = ref<LiveState>("idle");
type CountListener = (feedId: string, before: number, now: number) => void;
const countListeners = new Set<CountListener>();
const returnListeners = new Set<() => void>();

/** Call `listener` when a feed's count changed. Returns a function that ends it. */
export function onCount(listener: CountListener): () => void {
  countListeners.add(listener);
  return () => countListeners.delete(listener);
}

type ClaimListener = (frame: Extract<Frame, { type: "claim" | "asked" }>) => void;
const claimListeners = new Set<ClaimListener>();

/** Call `listener` when it changed who is with whom, or somebody asks. Returns a function that ends it. */
export function onClaim(listener: ClaimListener): () => void {
  claimListeners.add(listener);
  return () => claimListeners.delete(listener);
}

/** Call `listener` after a reconnect, when what is shown may be old. Returns a function that ends it. */
export function onReturn(listener: () => void): () => void {
  returnListeners.add(listener);
  return () => returnListeners.delete(listener);
}

/** Read a page's content again when the connection is back, if the last try failed. */
export function useRecovery(hasFailed: () => boolean, read: () => unknown): void {
  const recover = (): void => {
    if (hasFailed()) read();
  };
  watch(liveState, (state) => state === "live" && recover());
  onUnmounted(onReturn(recover)); // a connection can outlast the phone's sleep
}

const socket = new LiveSocket(
  {
    connect() {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      return new WebSocket(`${scheme}://${location.host}/special_feed/ws/`) as unknown as Wire;
    },
    authorization,
    isOnline: () => navigator.onLine !== false,
    random: Math.random,
  },
  {
    frame: onFrame,
    state: (state) => (liveState.value = state),
    refused: () => endSession("登录已失效，请重新登录"),
  },
);

let isFirst = true;

function onFrame(frame: Frame): void {
  switch (frame.type) {
    case "snapshot": {
      const isKnown =
        frame.feeds.length === feeds.all.length && frame.feeds.every((row) => feedOf(row.feed_id));
      frame.feeds.forEach((row) => count(row.feed_id, row.unread_count));
      // The snapshot has counts, but neither titles nor progress nor whether a feed has expired.
      if (feeds.failure || (feeds.isLoaded && (!isKnown || !isFirst))) loadFeedsSoon();
      if (!isFirst) returnListeners.forEach((listener) => listener());
      isFirst = false;
      break;
    }
    case "unread":
      if (!count(frame.feed_id, frame.unread_count)) loadFeedsSoon();
      break;
    case "undecided":
      setCount(frame.feed_id, "undecided_count", frame.undecided_count);
      break;
    case "progress":
      // A new feed may be scored before its row is here, which may then say that it is not; no further frame comes.
      if (!setProgress(frame.feed_id, frame.progress, frame.calced)) loadFeedsSoon();
      break;
    case "removed":
      dropFeed(frame.feed_id);
      loadFeedsSoon();
      break;
    case "claim":
    case "asked":
      claimListeners.forEach((listener) => listener(frame));
      break;
    case "pong":
    case "error":
      break;
    default:
      // A kind of frame that is new in the API does not compile until it is handled here.
      frame satisfies never;
  }
}

function count(feedId: string, now: number): boolean {
  const before = feedOf(feedId)?.unread_count ?? now;
  if (!setCount(feedId, "unread_count", now)) return false;
  if (before !== now) countListeners.forEach((listener) => listener(feedId, before, now));
  return true;
}

/** Connect again at once, for example after "replaced". */
export function reconnect(): void {
  socket.start();
}

/** Keep a connection and current feeds for as long as somebody is logged in. */
export function keepLive(): void {
  addEventListener("online", () => socket.networkChanged());
  addEventListener("offline", () => socket.networkChanged());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !session.token) return;
    socket.woke();
    loadFeedsSoon();
    returnListeners.forEach((listener) => listener());
  });
  onSessionEnd(() => socket.stop());
  watch(
    () => session.token,
    (token) => {
      isFirst = true;
      if (!token) return;
      socket.start();
      // The page that shows feeds shows the failure. A server that was busy for once is asked once more.
      void loadFeeds().catch(loadFeedsSoon);
    },
    { immediate: true },
  );
}
