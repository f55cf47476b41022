/**
 * The queue: people who are worked through one after the other, in two halves. Without requests, so that every rule of
 * it can be tested by itself; `stores/queue.ts` asks the server.
 */
import type { Item } from "../api/types";
import { INVITED, UNFIT } from "../text/words";

/** First the unread strong results; then whoever was looked at and has no outcome. */
export type Half = "new" | "undecided";

/** The same person in another feed. They are shown once, and read there when they are read here. */
export interface Twin {
  feedId: string;
  resumeId: string;
  isRead: boolean;
}

export interface Entry {
  feedId: string;
  item: Item;
  /** It was shown here. */
  isSeen: boolean;
  /** The server knows that it was read. */
  isRead: boolean;
  isCalled: boolean;
  /** The mark that was set here, "" for none. */
  outcome: string;
  twins: Twin[];
}

export interface Queue {
  half: Half;
  entries: Entry[];
  /** Where it stands; behind the last entry while the next page is on its way. */
  at: number;
  /** How many of each feed belong to this half and are not among the entries yet. */
  beyond: Record<string, number>;
  /** Everything was seen. What arrives then waits until somebody looks on. */
  isOver: boolean;
}

export const newQueue = (half: Half = "new"): Queue => ({
  half,
  entries: [],
  at: 0,
  beyond: {},
  isOver: false,
});

export const current = (queue: Queue): Entry | null =>
  queue.isOver ? null : (queue.entries[queue.at] ?? null);

export const isOf = (entry: Entry, feedId: string, resumeId: string): boolean =>
  entry.feedId === feedId && entry.item.resume.id === resumeId;

/** The entries that were not shown yet. */
export const waiting = (queue: Queue): Entry[] => queue.entries.filter((entry) => !entry.isSeen);

/** Those of them who are still to come. */
export const ahead = (queue: Queue): Entry[] =>
  queue.entries.slice(queue.at).filter((entry) => !entry.isSeen);

const newEntry = (feedId: string, item: Item): Entry => ({
  feedId,
  item,
  isSeen: false,
  isRead: false,
  isCalled: false,
  outcome: "",
  twins: [],
});

const isSamePerson = (one: Item, other: Item): boolean =>
  one.resume.id === other.resume.id ||
  one.others.includes(other.resume.id) ||
  other.others.includes(one.resume.id);

/** The results of a feed that the queue has, as entries or as twins of these. */
const resultsOf = (queue: Queue, feedId: string): Twin[] =>
  queue.entries
    .flatMap(({ item, twins, ...entry }) => [{ ...entry, resumeId: item.resume.id }, ...twins])
    .filter((one) => one.feedId === feedId);

/** Those of a feed that the server's list has yet: who is read is not new, and who has an outcome not undecided. */
const listedOf = (queue: Queue, feedId: string): Twin[] =>
  queue.half === "new"
    ? resultsOf(queue, feedId).filter((one) => !one.isRead)
    : resultsOf(queue, feedId).filter((one) => !("outcome" in one && one.outcome));

/** How many a feed's list has, as far as the queue knows: what the server counts, unless somebody else was there. */
export const listedCount = (queue: Queue, feedId: string): number =>
  listedOf(queue, feedId).length + (queue.beyond[feedId] ?? 0);

export const beyondCount = (queue: Queue): number =>
  Object.values(queue.beyond).reduce((sum, count) => sum + count, 0);

/** How many there are in all. It grows while results arrive. */
export const total = (queue: Queue): number => queue.entries.length + beyondCount(queue);

/**
 * Take in results of a feed: people who are not known yet join the end. Who is new and known from another feed is not
 * shown again; where somebody stands is decided for each feed.
 *
 * @param items the first ones, in their order
 * @param found how many there are in all
 * @returns how many joined
 */
export function join(queue: Queue, feedId: string, items: readonly Item[], found: number): number {
  const known = new Set(resultsOf(queue, feedId).map((one) => one.resumeId));
  const before = queue.entries.length;
  for (const item of items.filter(({ resume }) => !known.has(resume.id))) {
    const same = queue.half === "new" && queue.entries.find((entry) => isSamePerson(entry.item, item));
    if (same) same.twins.push({ feedId, resumeId: item.resume.id, isRead: false });
    else queue.entries.push(newEntry(feedId, item));
  }
  queue.beyond[feedId] = Math.max(0, found - listedOf(queue, feedId).length);
  return queue.entries.length - before;
}

/**
 * Drop those of a feed that wait here, but were read, decided on or removed elsewhere, in another window for example.
 *
 * @param listed the resumes that the feed's list has, all of them
 */
export function dropSeenElsewhere(queue: Queue, feedId: string, listed: ReadonlySet<string>): void {
  for (const entry of queue.entries) {
    entry.twins = entry.twins.filter(
      (twin) => twin.isRead || twin.feedId !== feedId || listed.has(twin.resumeId),
    );
  }
  const gone = queue.entries.filter(
    (entry, at) =>
      (at !== queue.at || queue.isOver) &&
      !entry.isSeen &&
      entry.feedId === feedId &&
      !listed.has(entry.item.resume.id),
  );
  gone.forEach((entry) => expectTwins(queue, entry));
  queue.at -= queue.entries.slice(0, queue.at).filter((entry) => gone.includes(entry)).length;
  queue.entries = queue.entries.filter((entry) => !gone.includes(entry));
}

/** An entry goes: the others of its person are asked for again. */
function expectTwins(queue: Queue, { twins }: Entry): void {
  for (const { feedId, isRead } of twins) {
    if (!isRead) queue.beyond[feedId] = (queue.beyond[feedId] ?? 0) + 1;
  }
}

/** The twins of whoever was read here, that are not read in their feeds. */
export const twinsToRead = (queue: Queue): Twin[] =>
  queue.entries.filter((entry) => entry.isRead).flatMap(({ twins }) => twins.filter((twin) => !twin.isRead));

/** Take an entry out that is in no list any more. The one behind it takes its place. */
export function drop(queue: Queue, entry: Entry): void {
  const at = queue.entries.indexOf(entry);
  if (at < 0) return;
  queue.entries.splice(at, 1);
  expectTwins(queue, entry);
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

/** It is over when it stands behind the last entry, and nothing is to come. One that is over stays so until it goes on. */
export function settleEnd(queue: Queue): void {
  if (queue.at < queue.entries.length) return;
  queue.at = queue.entries.length;
  queue.isOver = queue.isOver || beyondCount(queue) === 0;
}

/** Look on, at what has arrived since it was over, and at whom it passed: behind them is nobody who was seen. */
export function goOn(queue: Queue): void {
  const seen = queue.entries.filter((entry) => entry.isSeen);
  queue.entries = [...seen, ...waiting(queue)];
  queue.isOver = false;
  queue.at = seen.length;
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
    called: count(({ isCalled, outcome }) => isCalled || (outcome !== "" && outcome !== UNFIT)),
    invited: count((entry) => entry.outcome === INVITED),
    removed: count((entry) => entry.outcome === UNFIT),
  };
}
