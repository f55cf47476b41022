/** The lists of results that were opened. They are kept, so that going back from a resume shows the same place. */
import { markRaw, reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getSpecialFeedFeedListFeedId } from "../api/generated/sdk.gen";
import type { Item, Understood } from "../api/types";
import { type Filters, noFilters, queryOf } from "../filters";
import { Rows } from "../rows";
import { feedOf, loadFeedsSoon } from "./feeds";
import { isRemoval } from "./acts";
import { actsOn, isRefused } from "./outbox";

export const PAGE = 10;
/** The largest page that the server gives. */
const MOST_AT_ONCE = 50;
/** Lists that stay in memory, the latest. A recruiter goes back and forth between two or three. */
const LISTS_KEPT = 4;

export interface ResultList {
  feedId: string;
  filters: Filters;
  items: Item[];
  /** Which of them are near the screen. */
  rows: Rows;
  /** Of which resumes the results are not as they were, and are read again when they are near the screen. */
  stale: Set<string>;
  /** The filters of the items that are shown. */
  itemsBy: string;
  /**
   * Counts of the feed when this list was read. `total` and `unread` are of strong results, `possible` of the others,
   * and `found` of those of its tier that pass the filters.
   */
  total: number;
  unread: number;
  possible: number;
  found: number;
  /** How many results the search looked at; 0 without one. */
  searched: number;
  /** What the feed is taken to ask for. */
  understood: Understood | null;
  next: number;
  /** Unread strong results that came since the list was read. */
  fresh: number;
  isLoaded: boolean;
  isLoading: boolean;
  isMissing: boolean;
  failure: string;
  asked: number;
  /** How often the counts were read. */
  counted: number;
}

const lists = new Map<string, ResultList>();

export function listFor(feedId: string): ResultList {
  let list = lists.get(feedId);
  if (!list) {
    list = reactive({
      feedId,
      filters: noFilters(),
      items: [],
      rows: markRaw(new Rows()),
      stale: new Set<string>(),
      itemsBy: "",
      total: 0,
      unread: 0,
      possible: 0,
      found: 0,
      searched: 0,
      understood: null,
      next: 0,
      fresh: 0,
      isLoaded: false,
      isLoading: false,
      isMissing: false,
      failure: "",
      asked: 0,
      counted: 0,
    });
  }
  lists.delete(feedId);
  lists.set(feedId, list); // the newest last
  for (const oldest of lists.keys()) if (lists.size > LISTS_KEPT) lists.delete(oldest);
  return list;
}

/** The list of a feed, if it was opened and is kept. */
export const keptList = (feedId: string): ResultList | undefined => lists.get(feedId);

export function forgetList(feedId: string): void {
  lists.delete(feedId);
}

const filterKey = (list: ResultList): string => JSON.stringify(list.filters);

/** One page of a list, by its filters, without those whose removal the server does not know yet. */
export async function askPage(list: ResultList, start: number, size: number) {
  const query = { ...queryOf(list.filters), start, size };
  const path = { feed_id: list.feedId };
  const answer = await ask(getSpecialFeedFeedListFeedId({ path, query }), ["ok", "no_feed"]);
  return { ...answer, data: answer.data.filter((item) => !isLeaving(list.feedId, item)) };
}

const isLeaving = (feedId: string, { resume, removed_time }: Item): boolean =>
  !removed_time &&
  actsOn(resume.id).some((act) => isRemoval(act) && act.feedId === feedId && !isRefused(act));

async function reading(list: ResultList, read: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
  const asked = ++list.asked;
  list.isLoading = true;
  try {
    await read(() => asked === list.asked);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked !== list.asked) return;
    list.failure = error.message;
    // Items of other filters would look like the results of these.
    if (list.itemsBy !== filterKey(list)) Object.assign(list, { items: [], isLoaded: false });
  } finally {
    if (asked === list.asked) list.isLoading = false;
  }
}

type Answer = Awaited<ReturnType<typeof askPage>>;

function take(list: ResultList, answer: Answer): void {
  list.counted++;
  list.total = answer.total_recommend_count;
  list.unread = answer.newest_recommend_count;
  list.possible = answer.possible_count;
  const feed = feedOf(list.feedId);
  if (feed) feed.possible_count = answer.possible_count; // no frame tells of it
  list.found = answer.feed_query_count;
  list.searched = answer.searched_count;
  list.understood = answer.understood;
  list.isMissing = answer.status === "no_feed";
  list.isLoaded = true;
  list.failure = "";
}

/** Read the list anew, as many items as are shown. They stay until the answer is here. */
export function refresh(list: ResultList, size = Math.max(PAGE, list.items.length)): Promise<void> {
  return reading(list, async (isCurrent) => {
    const wanted = Math.ceil(size / PAGE) * PAGE;
    const step = Math.min(MOST_AT_ONCE, wanted);
    let items: Item[] = [];
    let answer: Answer;
    let start = 0;
    do {
      answer = await askPage(list, start++, step);
      if (!isCurrent()) return;
      items = merged(items, answer.data);
    } while (answer.next_start >= 0 && items.length < wanted);
    list.items = items;
    list.stale.clear();
    if (items.length <= MOST_AT_ONCE) list.rows.clear(); // so few are shown at once
    list.itemsBy = filterKey(list);
    list.next = answer.next_start < 0 ? -1 : Math.floor((start * step) / PAGE);
    take(list, answer);
    list.fresh = 0;
    if (feedOf(list.feedId)?.expire_status) loadFeedsSoon(); // opening it has woken it
  });
}

/** Read the first page, for example when the filters changed. */
export function reload(list: ResultList): Promise<void> {
  return refresh(list, PAGE);
}

export function more(list: ResultList): Promise<void> {
  return reading(list, async (isCurrent) => {
    // Results that left the list have moved the next page up, so it begins earlier. New results have moved it down:
    // then it begins with some that are shown already, which `merged` drops.
    const listed = list.items.filter((item) => isStillOf(list.filters, item));
    let start = Math.min(list.next, Math.floor(listed.length / PAGE));
    const before = list.items.length;
    do {
      const answer = await askPage(list, start, PAGE);
      if (!isCurrent()) return;
      // The counts stay those of the first page: what came since is not in the list, it is offered above it.
      list.items = merged(list.items, answer.data);
      start = list.next = answer.next_start;
      list.isMissing = answer.status === "no_feed";
      list.failure = "";
    } while (list.items.length === before && start >= 0);
  });
}

/** Whether a result is one of those that filters ask for by what the recruiter does: it is shown until it is read anew. */
function isStillOf({ isUnreadOnly, isFavouriteOnly, mark }: Filters, item: Item): boolean {
  return (
    (!isUnreadOnly || item.user_read_status === "unread") &&
    (!isFavouriteOnly || item.favStatus) &&
    (!mark || item.mark_log[item.mark_log.length - 1]?.mark_name === mark)
  );
}

function merged(items: Item[], others: Item[]): Item[] {
  const known = new Set(items.map((item) => item.resume.id));
  return [...items, ...others.filter((item) => !known.has(item.resume.id))];
}

type PatchListener = (resumeId: string, change: Partial<Item>) => void;
const patchListeners = new Set<PatchListener>();

/** Call `listener` when something changes of a person. Returns a function that ends it. */
export function onPatch(listener: PatchListener): () => void {
  patchListeners.add(listener);
  return () => patchListeners.delete(listener);
}

/** Change every shown copy of a person, who may be in several lists, in the queue, and open. */
export function patchPerson(resumeId: string, change: Partial<Item>): void {
  for (const list of lists.values()) {
    for (const item of list.items) if (item.resume.id === resumeId) Object.assign(item, change);
  }
  patchListeners.forEach((listener) => listener(resumeId, change));
}

/** Note that a result was read, in the list and in its counts. */
export function noteRead(feedId: string, fresh: Item): void {
  const list = lists.get(feedId);
  const item = list?.items.find((one) => one.resume.id === fresh.resume.id);
  if (!list || !item) return;
  if (isInBadge(item)) list.unread = Math.max(0, list.unread - 1);
  Object.assign(item, fresh);
}

/** How many results filters would leave. */
export async function countFor(feedId: string, filters: Filters): Promise<number> {
  const query = { ...queryOf(filters), start: 0, size: 1 };
  const answer = await ask(getSpecialFeedFeedListFeedId({ path: { feed_id: feedId }, query }), [
    "ok",
    "no_feed",
  ]);
  return answer.feed_query_count;
}

/** Whether the feed's badge counts a result. */
export const isInBadge = (item: Item): boolean =>
  item.tier === "strong" && item.user_read_status === "unread";

/** Forget the lists of a session that ended. */
export function clearLists(): void {
  lists.clear();
}

/** A copy of a result, if its list is kept and shows it. */
export function knownItem(feedId: string, resumeId: string): Item | null {
  const item = lists.get(feedId)?.items.find((one) => one.resume.id === resumeId);
  return item ? { ...item } : null;
}
