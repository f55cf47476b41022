/** The queue that is being worked through: what it asks the server, and what is done to whom it shows. */
import { computed, reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getSpecialFeedFeedListFeedId } from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import { newClientId } from "../clientId";
import {
  beyondCount,
  current,
  type Decision,
  drop,
  dropSeenElsewhere,
  type Entry,
  go,
  goOn,
  goTo,
  isOf,
  join,
  newQueue,
  putFirst,
  settleEnd,
  unreadCount,
  waiting,
} from "../queue/model";
import { forgetCall, recallCall } from "../queue/pendingCall";
import { OUTCOMES } from "../text/words";
import { feeds, loadFeeds } from "./feeds";
import { changeMark, mark, readResult } from "./people";
import { remove } from "./results";
import { onSessionEnd } from "./session";
import { attempt, offer, offerUndo, say, wordsOf } from "./snack";
import { readTwins } from "./twins";

const PAGE = 20;
/** With fewer than this to come, the next page is asked for, so that nobody waits for it. */
const SOON = 5;
/** How long to wait before a request whose answer was lost is sent again. */
const AGAIN_MS = 2_000;
/** Counts come by themselves when a result is read here. What still differs after this was somebody else. */
const OTHERS_MS = 800;

const state = reactive({
  /** The feed whose queue it is; "" for all feeds. */
  feedId: "",
  queue: newQueue(),
  isStarted: false,
  isLoading: false,
  failure: "",
  /** Takes back what was done last, and what that was. */
  last: null as { text: string; undo: () => Promise<void> } | null,
});
let run = 0;

export const queueState = state;
export const shown = computed(() => current(state.queue));
export const shownItem = computed(() => shown.value?.item ?? null);

const feedIds = (): string[] =>
  state.feedId
    ? [state.feedId]
    : feeds.all.filter((feed) => feed.unread_count > 0 || state.queue.beyond[feed.id]).map((feed) => feed.id);

let ends = false;
/** Begin the queue of a feed, or of all where it is "". One that was begun goes on, unless it was over. */
export async function startQueue(feedId: string): Promise<void> {
  if (!ends) onSessionEnd(clearQueue);
  ends = true;
  const goesOn = state.isStarted && state.feedId === feedId && !state.queue.isOver;
  if (!goesOn) {
    run++;
    Object.assign(state, { feedId, queue: newQueue(), isStarted: false, last: null });
  }
  await load(async (isCurrent) => {
    if (!feedId && !feeds.isLoaded) await loadFeeds();
    const called = recallCall();
    if (
      called &&
      (!feedId || called.feedId === feedId) &&
      !state.queue.entries.some((one) => isOf(one, called.feedId, called.resumeId))
    ) {
      const item = await readResult(called.feedId, called.resumeId).catch(() => null);
      if (isCurrent() && item) putFirst(state.queue, called.feedId, item);
    }
    for (const id of feedIds()) {
      const feed = feeds.all.find((one) => one.id === id);
      if (state.queue.beyond[id] === undefined) state.queue.beyond[id] = feed?.unread_count ?? 1;
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
  if (mine === run && state.isStarted && !state.failure && !shown.value) void fillQueue();
}

async function unreadPage(feedId: string, start: number) {
  const query = { tier: "strong", sort: "time", latest: 1, start, size: PAGE } as const;
  const path = { feed_id: feedId };
  return ask(getSpecialFeedFeedListFeedId({ path, query }), ["ok", "no_feed"]);
}

/** Take in what a feed has unread, from the first page on, until something is new. */
async function sync(feedId: string, isCurrent: () => boolean): Promise<void> {
  let start = 0;
  while (start >= 0) {
    const answer = await unreadPage(feedId, start);
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
    if (!isCurrent() || waiting(state.queue).length >= SOON) return;
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
  if (!state.isStarted || state.isLoading) return;
  const changed = feeds.all.filter(
    ({ id, unread_count }) =>
      (!state.feedId || state.feedId === id) &&
      (unread_count !== unreadCount(state.queue, id) || (isReturn && id === shown.value?.feedId)),
  );
  const mine = run;
  for (const { id } of changed) await sync(id, () => mine === run).catch(() => undefined);
  if (mine === run && !shown.value) await fillQueue();
}

/** Show the current one: it is read, and completed by the answer. */
export async function openShown(): Promise<void> {
  const entry = shown.value;
  if (!entry) return;
  entry.isSeen = true;
  void fillQueue();
  if (!entry.isRead) await readEntry(entry);
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

export const goNext = (): boolean => go(state.queue, 1);
export const goPrevious = (): boolean => go(state.queue, -1);
export const lookOn = (): void => goOn(state.queue);

/**
 * Note what came of a person, and go on at once. If it fails it is taken back with a word, and one can go back to them;
 * a lost answer is asked for again under the same name, so nothing is done twice.
 */
export function decideOn(entry: Entry, decision: Decision, who: string): void {
  const before = { outcome: entry.outcome, isCalled: entry.isCalled, log: entry.item.mark_log };
  const { mark: name } = OUTCOMES[decision.outcome];
  entry.outcome = decision.outcome;
  const restore = (): void => {
    Object.assign(entry, { outcome: before.outcome, isCalled: before.isCalled });
    entry.item = { ...entry.item, mark_log: before.log };
  };
  forgetCall();
  go(state.queue, 1);
  const clientId = newClientId();
  const sent = twice(() => send(entry, decision, clientId));
  const text = `${name}：${who}`;
  const undo = async (): Promise<void> => {
    const back = await sent;
    await back();
    restore();
    goTo(state.queue, entry);
    state.last = null;
  };
  state.last = { text, undo };
  offerUndo(text, undo);
  sent.catch((error: unknown) => {
    restore();
    if (state.last?.undo === undo) state.last = null;
    const back = async (): Promise<void> => goTo(state.queue, entry);
    offer(`没能记下“${text}”：${wordsOf(error)}`, "回到这位", back);
  });
}

/** Do what was decided; returns how to take it back. */
async function send(entry: Entry, decision: Decision, clientId: string): Promise<() => Promise<void>> {
  const { feedId, item } = entry;
  const resumeId = item.resume.id;
  const { mark: name, isGood } = OUTCOMES[decision.outcome];
  const undos: (() => Promise<unknown>)[] = [];
  // Who was spoken to and does not fit stands so in the lists by mark, too; who was only looked at just goes.
  if (decision.outcome !== "removed" || entry.isCalled || item.mark_log.length) {
    const made = { name, isGood, remindOn: decision.remindOn ?? "", clientId };
    const log = await mark(feedId, resumeId, made);
    entry.item = { ...entry.item, mark_log: log };
    const id = log[log.length - 1]?.id;
    if (id) undos.push(() => changeMark(resumeId, id, { taken_back: true }));
  }
  if (decision.outcome === "removed") undos.push(await remove(feedId, item, decision.reasons ?? []));
  return async () => {
    for (const undo of undos.reverse()) await undo();
  };
}

/** Once more where no answer came: it may have been lost, or the network is back. */
async function twice<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== "network") throw error;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return action();
  }
}

export async function undoLast(): Promise<void> {
  const { last } = state;
  if (last) await attempt(last.undo);
}

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
  Object.assign(state, {
    feedId: "",
    queue: newQueue(),
    isStarted: false,
    isLoading: false,
    failure: "",
    last: null,
  });
}
