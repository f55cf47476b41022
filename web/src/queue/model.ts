/**
 * The queue: unread strong results that are worked through one after the other. Without requests, so that every rule of
 * it can be tested by itself; `stores/queue.ts` asks the server.
 */
import type { Item } from "../api/types";

/** What came of a person. */
export type Outcome = "contacted" | "missed" | "invited" | "removed";

export interface Entry {
  feedId: string;
  item: Item;
  /** It was shown here. */
  isSeen: boolean;
  /** The server knows that it was read. */
  isRead: boolean;
  isCalled: boolean;
  outcome: Outcome | null;
}

export interface Queue {
  entries: Entry[];
  /** Where it stands; behind the last entry while the next page is on its way. */
  at: number;
  /** Unread results of each feed that are not among the entries yet. */
  beyond: Record<string, number>;
  /** Everything was seen. What arrives then waits until somebody looks on. */
  isOver: boolean;
}

export const newQueue = (): Queue => ({ entries: [], at: 0, beyond: {}, isOver: false });

export const current = (queue: Queue): Entry | null =>
  queue.isOver ? null : (queue.entries[queue.at] ?? null);

export const isOf = (entry: Entry, feedId: string, resumeId: string): boolean =>
  entry.feedId === feedId && entry.item.resume.id === resumeId;

/** The entries that were not shown yet. */
export const waiting = (queue: Queue): Entry[] => queue.entries.filter((entry) => !entry.isSeen);

const unreadOf = (queue: Queue, feedId: string): Entry[] =>
  queue.entries.filter((entry) => entry.feedId === feedId && !entry.isRead);

/** How many of a feed are unread, as far as the queue knows: what the server counts, unless somebody else was there. */
export const unreadCount = (queue: Queue, feedId: string): number =>
  unreadOf(queue, feedId).length + (queue.beyond[feedId] ?? 0);

export const beyondCount = (queue: Queue): number =>
  Object.values(queue.beyond).reduce((sum, count) => sum + count, 0);

/** How many there are in all. It grows while results arrive. */
export const total = (queue: Queue): number => queue.entries.length + beyondCount(queue);

/** Put an entry where the queue stands: whoever was called before the page was loaded anew comes first. */
export function putFirst(queue: Queue, feedId: string, item: Item): void {
  const entry = { feedId, item, isSeen: true, isRead: true, isCalled: true, outcome: null };
  queue.entries = [entry, ...queue.entries.filter((one) => !isOf(one, feedId, item.resume.id))];
  queue.at = 0;
  queue.isOver = false;
}

/**
 * Take in unread results of a feed: those that are not known yet join the end.
 *
 * @param items the first ones, in their order
 * @param found how many there are in all
 * @returns how many joined
 */
export function join(queue: Queue, feedId: string, items: readonly Item[], found: number): number {
  const known = new Set(
    queue.entries.filter((entry) => entry.feedId === feedId).map((entry) => entry.item.resume.id),
  );
  const fresh = items.filter((item) => !known.has(item.resume.id));
  for (const item of fresh) {
    queue.entries.push({ feedId, item, isSeen: false, isRead: false, isCalled: false, outcome: null });
  }
  queue.beyond[feedId] = Math.max(0, found - unreadOf(queue, feedId).length);
  return fresh.length;
}

/**
 * Drop those of a feed that wait here, but were read or removed elsewhere, in another window for example.
 *
 * @param unread the resumes that are unread, all of them
 */
export function dropSeenElsewhere(queue: Queue, feedId: string, unread: ReadonlySet<string>): void {
  queue.entries = queue.entries.filter(
    (entry, at) =>
      at <= queue.at || entry.isSeen || entry.feedId !== feedId || unread.has(entry.item.resume.id),
  );
}

/** Take an entry out that is in no list any more. The one behind it takes its place. */
export function drop(queue: Queue, entry: Entry): void {
  const at = queue.entries.indexOf(entry);
  if (at < 0) return;
  queue.entries.splice(at, 1);
  if (at < queue.at) queue.at--;
  settleEnd(queue);
}

/** Go to the next, or back to the one before. Returns whether there was one to go to. */
export function go(queue: Queue, by: 1 | -1): boolean {
  if (queue.isOver) {
    if (by > 0 || !queue.entries.length) return false;
    queue.isOver = false;
    queue.at = queue.entries.length - 1;
    return true;
  }
  if (by < 0 && queue.at === 0) return false;
  queue.at += by;
  settleEnd(queue);
  return true;
}

/** It is over when it stands behind the last entry, and nothing is to come. */
export function settleEnd(queue: Queue): void {
  if (queue.at < queue.entries.length) return;
  queue.at = queue.entries.length;
  queue.isOver = beyondCount(queue) === 0;
}

/** Look on, at what has arrived since it was over. */
export function goOn(queue: Queue): void {
  const next = queue.entries.findIndex((entry) => !entry.isSeen);
  queue.isOver = false;
  queue.at = next < 0 ? queue.entries.length : next;
  settleEnd(queue);
}

export function goTo(queue: Queue, entry: Entry): void {
  const at = queue.entries.indexOf(entry);
  if (at < 0) return;
  queue.at = at;
  queue.isOver = false;
}

export interface Tally {
  seen: number;
  called: number;
  invited: number;
  removed: number;
}

/** What was done so far. */
export function tally(queue: Queue): Tally {
  const count = (test: (entry: Entry) => boolean): number => queue.entries.filter(test).length;
  return {
    seen: count((entry) => entry.isSeen),
    called: count(({ isCalled, outcome }) => isCalled || (outcome !== null && outcome !== "removed")),
    invited: count((entry) => entry.outcome === "invited"),
    removed: count((entry) => entry.outcome === "removed"),
  };
}
