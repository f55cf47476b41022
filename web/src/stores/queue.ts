/** The queue that is being worked through: what it asks the server, and what is done to whom it shows. */
import { computed, reactive } from "vue";
import { ApiError } from "../api/error";
import type { Item } from "../api/types";
import {
  ahead,
  beyondCount,
  current,
  drop,
  dropSeenElsewhere,
  type Entry,
  go,
  goOn,
  goTo,
  type Half,
  isOf,
  join,
  newQueue,
  settleEnd,
  listedCount,
} from "../queue/model";
import { colleagueWith, isShared } from "./claims";
import { type Decided, forgetLast } from "./decisions";
import { feeds, loadFeeds } from "./feeds";
import { readResult } from "./people";
import { queuePage } from "./queuePage";
import { onSessionEnd } from "./session";
import { say } from "./snack";
import { UNFIT } from "../text/words";
import { readTwins } from "./twins";

/** With fewer than this to come, the next page is asked for, so that nobody waits for it. */
const SOON = 5;
/** Counts come by themselves when a result is read here. What still differs after this was somebody else. */
const OTHERS_MS = 800;

const empty = () => ({
  /** The feed whose queue it is; "" for all feeds. */
  feedId: "",
  queue: newQueue(),
  isStarted: false,
  isLoading: false,
  failure: "",
  /** Whether something was done since it was opened. Until then nobody is read: opening it is not reading. */
  isUsed: false,
});
const state = reactive(empty());
let run = 0;

export const queueState = state;
export const shown = computed(() => current(state.queue));
export const shownItem = computed(() => shown.value?.item ?? null);

/** How many of a feed a half has, by what the server last said. Whoever may only look has nobody to work through. */
function countOf(feed: (typeof feeds.all)[number], half: Half): number {
  if (feed.role === "view") return 0;
  return half === "new" ? feed.unread_count : feed.undecided_count;
}

const feedIds = (): string[] =>
  state.feedId
    ? [state.feedId]
    : feeds.all
        .filter((feed) => countOf(feed, state.queue.half) > 0 || listedCount(state.queue, feed.id) > 0)
        .map((feed) => feed.id);

/** How many there are of a half, in the feed or in all. */
export const countIn = (half: Half): number =>
  feeds.all
    .filter(({ id }) => !state.feedId || id === state.feedId)
    .reduce((sum, feed) => sum + countOf(feed, half), 0);

let ends = false;
/**
 * Begin the queue of a feed, or of all where it is "". One that was begun goes on, unless it was over.
 *
 * @param half with which to begin anew
 */
export async function startQueue(feedId: string, half?: Half): Promise<void> {
  if (!ends) onSessionEnd(clearQueue);
  ends = true;
  const goesOn = !half && state.isStarted && state.feedId === feedId && !state.queue.isOver;
  if (!goesOn) {
    run++;
    Object.assign(state, { feedId, queue: newQueue(half), isStarted: false });
    forgetLast();
  }
  state.isUsed = half !== undefined; // who goes on to the second half has asked for it
  await load(async (isCurrent) => {
    // The frame of what was done last may still be on its way.
    if (state.queue.half === "undecided" || (!feedId && !feeds.isLoaded)) await loadFeeds();
    for (const id of feedIds()) {
      const feed = feeds.all.find((one) => one.id === id);
      if (state.queue.beyond[id] === undefined)
        state.queue.beyond[id] = feed ? countOf(feed, state.queue.half) : 1;
    }
    if (goesOn) await Promise.all(feedIds().map((id) => sync(id, isCurrent)));
    await fill(isCurrent);
    if (!isCurrent()) return;
    state.isStarted = true;
    settleEnd(state.queue);
  });
}

async function load(work: (isCurrent: () => boolean) => Promise<void>): Promise<void> {
  const mine = run;
  state.isLoading = true;
  state.failure = "";
  try {
    await work(() => mine === run);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine === run) state.failure = error.message;
  } finally {
    if (mine === run) state.isLoading = false;
  }
  // It was passed to its end meanwhile: what is still to come is asked for, or there is nothing more.
  // One that is over stays so, however many have arrived since.
  if (mine === run && state.isStarted && !state.failure && !shown.value && !state.queue.isOver)
    void fillQueue();
}

/** Take in what a feed has, from the first page on, until something is new. */
async function sync(feedId: string, isCurrent: () => boolean): Promise<void> {
  let start = 0;
  while (start >= 0) {
    const answer = await queuePage(feedId, state.queue.half, start);
    if (!isCurrent()) return;
    if (start === 0 && answer.next_start < 0) {
      dropSeenElsewhere(state.queue, feedId, new Set(answer.data.map((item) => item.resume.id)));
    }
    const joined = join(state.queue, feedId, answer.data, answer.feed_query_count);
    readTwins(state.queue);
    if (joined || !state.queue.beyond[feedId]) return;
    start = answer.next_start;
  }
  state.queue.beyond[feedId] = 0;
}

/** Ask for more while few are to come: the feed that is shown first, then the others in their order. */
async function fill(isCurrent: () => boolean): Promise<void> {
  const first = shown.value?.feedId;
  const ids = feedIds().sort((one, other) => Number(other === first) - Number(one === first));
  for (const id of ids) {
    if (!isCurrent() || ahead(state.queue).length >= SOON) return;
    if (state.queue.beyond[id]) await sync(id, isCurrent);
  }
}

/** Ask for more where few are to come; where nothing more is, the queue ends behind its last. */
export async function fillQueue(): Promise<void> {
  if (state.isLoading) return;
  if (!beyondCount(state.queue)) return settleEnd(state.queue);
  await load(async (isCurrent) => {
    await fill(isCurrent);
    if (isCurrent()) settleEnd(state.queue);
  });
}

let timer: ReturnType<typeof setTimeout> | undefined;
/** A feed's count changed. If the queue expects another, results arrived, or were read elsewhere. */
export function noteCount(feedId: string): void {
  if (state.feedId && state.feedId !== feedId) return;
  clearTimeout(timer);
  timer = setTimeout(() => void catchUp(), OTHERS_MS);
}

/** Take in what arrived, and leave out what was read elsewhere. */
export async function catchUp(isReturn = false): Promise<void> {
  if (!state.isStarted || state.isLoading || state.queue.half !== "new") return;
  const changed = feeds.all.filter(
    ({ id, unread_count }) =>
      (!state.feedId || state.feedId === id) &&
      (unread_count !== listedCount(state.queue, id) || (isReturn && id === shown.value?.feedId)),
  );
  const mine = run;
  for (const { id } of changed) await sync(id, () => mine === run).catch(() => undefined);
  if (mine === run && !shown.value) await fillQueue();
}

/** Show the current one: it is read, and completed by the answer, once the queue is used. */
export async function openShown(): Promise<void> {
  const entry = shown.value;
  if (!entry) return;
  void fillQueue();
  if (!state.isUsed) return;
  entry.isSeen = true;
  const isNew = state.queue.half === "new";
  if (entry.isRead && isNew) return;
  await readEntry(entry);
  // It was listed before somebody was through with them, here or elsewhere: nobody comes up twice.
  const isOver = !["new", "undecided"].includes(entry.item.work);
  if (isOver && !entry.outcome && (isShared(entry.feedId) || !isNew)) {
    say(isNew ? "同事已经处理了这位，看下一位" : "这位已经有结果了，看下一位");
    drop(state.queue, entry);
  }
}

/** Who is listed, and whom the server does not know to be read: they were passed, or decided on, while it was away. */
export const passedUnread = (): Entry[] =>
  state.queue.entries.filter((entry) => entry.isSeen && !entry.isRead && entry.outcome !== UNFIT);

export async function readPassed(): Promise<void> {
  for (const entry of passedUnread()) if (!(await readEntry(entry))) return;
}

/** Something is done in the queue: whoever is shown is read. */
export function use(): void {
  if (state.isUsed) return;
  state.isUsed = true;
  void openShown();
}

/** Returns whether the server answered. Offline the entry stays unread, and shows what the list knew. */
export async function readEntry(entry: Entry): Promise<boolean> {
  try {
    const { item } = entry;
    const found = await readResult(entry.feedId, item.resume.id);
    entry.isRead = true;
    if (entry.item !== item) return await readEntry(entry); // the answer may be from before what was done meanwhile
    entry.item = found;
    readTwins(state.queue);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== "not_found") return false;
    say("这份简历已不在列表里");
    drop(state.queue, entry);
    return true;
  }
}

/** Go on, past those with whom a colleague is: they come up once more at the end. */
function goOnward(): void {
  while (go(state.queue, 1) && colleagueWith(shownItem.value));
}

export function goNext(): void {
  use();
  goOnward();
}
export function goPrevious(): void {
  use();
  go(state.queue, -1);
}
export function goToEntry(entry: Entry): void {
  use();
  goTo(state.queue, entry);
}
export const lookOn = (): void => goOn(state.queue);
export const goToUndecided = (): Promise<void> => startQueue(state.feedId, "undecided");

const entryOf = ({ feedId, item }: Decided): Entry | undefined =>
  state.queue.entries.find((entry) => isOf(entry, feedId, item.resume.id));

/** Go on from whom something was decided about, and back to them where it is taken back. */
export const queueListener = {
  decided(made: Decided): void {
    const entry = entryOf(made);
    if (!entry) return;
    use();
    entry.outcome = made.decision.name;
    if (entry === shown.value) goOnward();
  },
  undone(made: Decided): void {
    const entry = entryOf(made);
    if (!entry) return;
    entry.outcome = "";
    goTo(state.queue, entry);
  },
};

/** Change what is known of a person, wherever they stand in the queue. */
export function patchEntries(resumeId: string, fields: Partial<Item>): void {
  for (const entry of state.queue.entries) {
    if (entry.item.resume.id === resumeId) entry.item = { ...entry.item, ...fields };
  }
}

/** Forget what was of a session that ended. */
export function clearQueue(): void {
  run++;
  clearTimeout(timer);
  Object.assign(state, empty());
}
