/** The account's feeds with their unread counts, which the socket keeps current. */
import { computed, reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getSpecialFeedPage, postFeedDeleteFeedId, postSpecialFeedPause } from "../api/generated/sdk.gen";
import type { ListedFeed } from "../api/types";

const state = reactive({
  all: [] as ListedFeed[],
  hasRest: true,
  vip: false,
  /** How many feeds in service the account may have, and a VIP. */
  quota: 0,
  vipQuota: 0,
  isLoaded: false,
  failure: "",
});
/** When each feed's count last came over the socket. An answer to a request made before that is older. */
const countedAt = new Map<string, number>();
/** The same of its progress. */
const progressAt = new Map<string, number>();
let newestAsked = 0;

export const feeds = state;
/**
 * Of the counts that are shown, so that the total and the badges under it never differ. Frames have a `total` for
 * clients that keep no list of feeds.
 */
export const totalUnread = computed(() =>
  state.all.reduce((sum, feed) => sum + (feed.role === "view" ? 0 : feed.unread_count), 0),
);
export const totalUndecided = computed(() =>
  state.all.reduce((sum, feed) => sum + (feed.role === "view" ? 0 : feed.undecided_count), 0),
);
/** The account's own feeds, which alone hold places of its quota. */
export const ownFeeds = computed(() => state.all.filter((feed) => feed.role === "own"));

export function feedOf(id: string): ListedFeed | undefined {
  return state.all.find((feed) => feed.id === id);
}

/** Whether the account does more in a feed than look and comment. */
export const mayWork = (id: string): boolean => feedOf(id)?.role !== "view";
/** Whether the account edits, pauses, shares and deletes a feed. */
export const mayManage = (id: string): boolean => feedOf(id)?.role === "own";

/** Read the feeds anew. A failure is kept, so that the page can show it, and thrown. */
export async function loadFeeds(): Promise<void> {
  const asked = ++newestAsked;
  const since = performance.now();
  try {
    const { data } = await ask(getSpecialFeedPage(), ["ok", "no_feed"]);
    if (asked !== newestAsked) return;
    const before = new Map(state.all.map((feed) => [feed.id, feed]));
    state.all = data.all_feed.map(({ feed }) => {
      const known = before.get(feed.id);
      const came = (at: Map<string, number>): boolean => (at.get(feed.id) ?? 0) > since;
      return {
        ...feed,
        ...(known &&
          came(countedAt) && {
            unread_count: known.unread_count,
            undecided_count: known.undecided_count,
          }),
        ...(known && came(progressAt) && { progress: known.progress, calced: known.calced }),
      };
    });
    Object.assign(state, { hasRest: data.has_rest_feed, vip: data.vip_user, isLoaded: true, failure: "" });
    Object.assign(state, {
      quota: data.feed_quota,
      vipQuota: data.vip_feed_quota,
    });
  } catch (error) {
    if (asked === newestAsked && error instanceof ApiError) state.failure = error.message;
    throw error;
  }
}

let soon: ReturnType<typeof setTimeout> | undefined;
/** Read the feeds anew in a moment. Several frames often ask for it at once, which then costs one request. */
export function loadFeedsSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(() => void loadFeeds().catch(() => undefined), 150);
}

/** Set one of a feed's counts. Returns false where the feed is not known here. */
export function setCount(id: string, name: "unread_count" | "undecided_count", count: number): boolean {
  const feed = feedOf(id);
  if (!feed) return false;
  feed[name] = count;
  countedAt.set(id, performance.now());
  return true;
}

/** Set how far a feed is. Returns false where the feed is not known here. */
export function setProgress(id: string, progress: number, calced: boolean): boolean {
  const feed = feedOf(id);
  if (!feed) return false;
  Object.assign(feed, { progress, calced });
  progressAt.set(id, performance.now());
  return true;
}

export function dropFeed(id: string): void {
  state.all = state.all.filter((feed) => feed.id !== id);
}

/** Pause a feed, or let it go on, which is shown once the server knows it. */
export async function setPaused(id: string, paused: boolean): Promise<void> {
  await ask(postSpecialFeedPause({ body: { feed_id: id, paused } }));
  const feed = feedOf(id);
  if (feed) feed.paused = paused;
  loadFeedsSoon();
}

export async function deleteFeed(id: string): Promise<void> {
  await ask(postFeedDeleteFeedId({ path: { feed_id: id } }));
  dropFeed(id);
  loadFeedsSoon();
}

/** Forget the feeds of a session that ended. */
export function clearFeeds(): void {
  newestAsked++;
  clearTimeout(soon);
  countedAt.clear();
  progressAt.clear();
  Object.assign(state, { all: [], hasRest: true, vip: false, isLoaded: false, failure: "" });
}
