/** The socket of this page: what it hears goes to the feeds and to the lists that are open. */
import { onUnmounted, ref, watch } from "vue";
import type { Frame } from "../live/frames";
import { LiveSocket, type LiveState, type Wire } from "../live/socket";
import { dropFeed, feedOf, feeds, loadFeeds, loadFeedsSoon, setProgress, setUnread } from "./feeds";
import { authorization, endSession, onSessionEnd, session } from "./session";

export const liveState = ref<LiveState>("idle");
type Arrival = (feedId: string, before: number, now: number) => void;
const arrivals = new Set<Arrival>();
const returns = new Set<() => void>();

/** Be told when a feed's count changed; gives what ends it. */
export function onCount(listener: Arrival): () => void {
  arrivals.add(listener);
  return () => arrivals.delete(listener);
}

/** Be told when the connection stands anew: what is shown may be old. */
export function onReturn(listener: () => void): () => void {
  returns.add(listener);
  return () => returns.delete(listener);
}

/** Read a page's content again when the connection stands, where the last reading failed. */
export function useRecovery(hasFailed: () => boolean, read: () => unknown): void {
  const recover = (): void => {
    if (hasFailed()) read();
  };
  watch(liveState, (state) => state === "live" && recover());
  onUnmounted(onReturn(recover)); // the connection may have stood while the phone slept
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
    frame: hear,
    state: (state) => (liveState.value = state),
    refused: () => endSession("登录已失效，请重新登录"),
  },
);

let isFirst = true;

function hear(frame: Frame): void {
  switch (frame.type) {
    case "snapshot": {
      const isKnown =
        frame.feeds.length === feeds.all.length && frame.feeds.every((row) => feedOf(row.feed_id));
      frame.feeds.forEach((row) => count(row.feed_id, row.unread_count));
      // Counts are in the snapshot; titles, progress and what expired are not.
      if (feeds.failure || (feeds.isLoaded && (!isKnown || !isFirst))) loadFeedsSoon();
      if (!isFirst) returns.forEach((listener) => listener());
      isFirst = false;
      break;
    }
    case "unread":
      if (!count(frame.feed_id, frame.unread_count)) loadFeedsSoon();
      break;
    case "progress":
      setProgress(frame.feed_id, frame.progress, frame.calced);
      break;
    case "removed":
      dropFeed(frame.feed_id);
      loadFeedsSoon();
  }
}

function count(feedId: string, now: number): boolean {
  const before = feedOf(feedId)?.unread_count ?? now;
  if (!setUnread(feedId, now)) return false;
  if (before !== now) arrivals.forEach((listener) => listener(feedId, before, now));
  return true;
}

/** Connect again at once, as after "replaced". */
export function reconnect(): void {
  socket.start();
}

/** Keep a socket, and the feeds current, for as long as somebody is logged in. */
export function keepLive(): void {
  addEventListener("online", () => socket.networkChanged());
  addEventListener("offline", () => socket.networkChanged());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !session.token) return;
    socket.woke();
    loadFeedsSoon();
    returns.forEach((listener) => listener());
  });
  onSessionEnd(() => socket.stop());
  watch(
    () => session.token,
    (token) => {
      isFirst = true;
      if (!token) return;
      socket.start();
      void loadFeeds().catch(() => undefined); // told where the feeds are shown
    },
    { immediate: true },
  );
}
