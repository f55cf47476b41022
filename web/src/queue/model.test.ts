import { beforeEach, describe, expect, it } from "vitest";
import type { Item } from "../api/types";
import {
  beyondCount,
  current,
  drop,
  dropSeenElsewhere,
  go,
  goOn,
  goTo,
  join,
  newQueue,
  settleEnd,
  type Queue,
  tally,
  total,
  twinsToRead,
  listedCount,
  waiting,
} from "./model";

const item = (id: string, ...others: string[]): Item => ({ resume: { id }, others }) as unknown as Item;
const items = (...ids: string[]): Item[] => ids.map((id) => item(id));
const shown = (queue: Queue): string | undefined => current(queue)?.item.resume.id;
const ids = (queue: Queue): string[] => queue.entries.map((entry) => entry.item.resume.id);

/** Show the current one, as the page does. */
function see(queue: Queue): void {
  const entry = current(queue);
  if (entry) Object.assign(entry, { isSeen: true, isRead: true });
}

let queue: Queue;
beforeEach(() => {
  queue = newQueue();
});

describe("the queue", () => {
  it("goes from one to the next, back, and ends", () => {
    join(queue, "f", items("a", "b"), 2);
    see(queue);
    expect([shown(queue), go(queue, -1), go(queue, 1), shown(queue)]).toEqual(["a", false, true, "b"]);
    see(queue);
    expect([go(queue, -1), shown(queue), go(queue, 1)]).toEqual([true, "a", true]);
    expect([go(queue, 1), queue.isOver, shown(queue)]).toEqual([true, true, undefined]);
    expect([go(queue, 1), go(queue, -1), shown(queue)]).toEqual([false, true, "b"]);
  });

  it("stays over while whoever arrived is asked for, until it goes on", () => {
    join(queue, "f", items("a"), 1);
    see(queue);
    go(queue, 1);
    queue.beyond.f = 2;
    settleEnd(queue);
    expect([queue.isOver, shown(queue)]).toEqual([true, undefined]);
    join(queue, "f", items("b", "c"), 2);
    expect([queue.isOver, shown(queue)]).toEqual([true, undefined]);
    goOn(queue);
    expect([queue.isOver, shown(queue)]).toEqual([false, "b"]);
  });

  it("is over at once where there is nothing", () => {
    join(queue, "f", [], 0);
    goOn(queue);
    expect(queue.isOver).toBe(true);
    expect(go(queue, -1)).toBe(false);
  });

  it("waits behind its last entry while more are to come", () => {
    join(queue, "f", items("a"), 3);
    see(queue);
    expect(total(queue)).toBe(3);
    go(queue, 1);
    expect([queue.isOver, shown(queue)]).toEqual([false, undefined]);
    expect(join(queue, "f", items("b", "c"), 2)).toBe(2);
    expect([shown(queue), total(queue), beyondCount(queue)]).toEqual(["b", 3, 0]);
  });

  it("takes in what arrives at its end, and the total moves", () => {
    join(queue, "f", items("a", "b"), 2);
    see(queue);
    expect(join(queue, "f", items("new", "b"), 2)).toBe(1);
    expect([ids(queue), total(queue)]).toEqual([["a", "b", "new"], 3]);
  });

  it("shows nothing that nobody looks at: what arrives after the end waits", () => {
    join(queue, "f", items("a"), 1);
    see(queue);
    go(queue, 1);
    join(queue, "f", items("b"), 1);
    expect([shown(queue), waiting(queue).length]).toEqual([undefined, 1]);
    goOn(queue);
    expect(shown(queue)).toBe("b");
  });

  it("comes to whom it passed behind all who were seen: where one of them is gone, nobody who was called is shown", () => {
    join(queue, "f", items("a", "with a colleague", "c", "d"), 4);
    see(queue);
    go(queue, 1);
    go(queue, 1);
    see(queue);
    go(queue, 1);
    see(queue);
    go(queue, 1);
    goOn(queue);
    expect([ids(queue), shown(queue)]).toEqual([["a", "c", "d", "with a colleague"], "with a colleague"]);
    drop(queue, current(queue)!);
    expect([queue.isOver, shown(queue)]).toEqual([true, undefined]);
    go(queue, -1);
    expect(shown(queue)).toBe("d");
  });

  it("knows how many are unread, so that it can tell when somebody else read one", () => {
    join(queue, "f", items("a", "b"), 5);
    expect(listedCount(queue, "f")).toBe(5);
    see(queue);
    expect(listedCount(queue, "f")).toBe(4);
    join(queue, "f", items("b"), 4);
    expect([listedCount(queue, "f"), total(queue)]).toEqual([4, 5]);
  });

  it("counts one that was passed while offline as unread, and does not show it twice", () => {
    join(queue, "f", items("a", "b"), 2);
    current(queue)!.isSeen = true;
    go(queue, 1);
    expect(join(queue, "f", items("a", "b"), 2)).toBe(0);
    expect([total(queue), shown(queue)]).toEqual([2, "b"]);
  });

  it("drops what was read elsewhere, never what is shown or was seen", () => {
    join(queue, "f", items("a", "b", "c"), 3);
    join(queue, "g", items("d"), 1);
    see(queue);
    go(queue, 1);
    dropSeenElsewhere(queue, "f", new Set());
    expect(queue.entries.map((entry) => entry.feedId + entry.item.resume.id)).toEqual(["fa", "fb", "gd"]);
  });

  it("drops whoever arrived after its end and was read elsewhere", () => {
    join(queue, "f", items("a"), 1);
    see(queue);
    go(queue, 1);
    join(queue, "f", items("b", "c"), 2);
    dropSeenElsewhere(queue, "f", new Set(["c"]));
    goOn(queue);
    expect([ids(queue), shown(queue)]).toEqual([["a", "c"], "c"]);
  });

  it("shows whoever is in two feeds once, and has them read in both", () => {
    join(queue, "f", items("a", "b"), 2);
    see(queue);
    // Another resume of the same person is them, too.
    expect(join(queue, "g", [item("a"), item("older", "b"), item("c")], 3)).toBe(1);
    expect([ids(queue), total(queue), listedCount(queue, "g")]).toEqual([["a", "b", "c"], 3, 3]);
    expect(twinsToRead(queue)).toEqual([{ feedId: "g", resumeId: "a", isRead: false }]);
    twinsToRead(queue)[0]!.isRead = true;
    expect([twinsToRead(queue), listedCount(queue, "g")]).toEqual([[], 2]);
    // What is known is taken in once.
    expect(join(queue, "g", [item("older", "b"), item("c")], 2)).toBe(0);
    expect([total(queue), listedCount(queue, "g")]).toEqual([3, 2]);
  });

  it("asks again for somebody in another feed where they have left this one", () => {
    join(queue, "f", items("a", "b", "c"), 3);
    join(queue, "g", items("b", "c"), 2);
    see(queue);
    drop(queue, queue.entries[1]!);
    dropSeenElsewhere(queue, "f", new Set());
    expect([ids(queue), beyondCount(queue)]).toEqual([["a"], 2]);
    join(queue, "g", items("b", "c"), 2);
    expect([ids(queue), beyondCount(queue)]).toEqual([["a", "b", "c"], 0]);
  });

  it("closes up when one has vanished", () => {
    join(queue, "f", items("a", "b", "c"), 3);
    go(queue, 1);
    drop(queue, queue.entries[1]!);
    expect(shown(queue)).toBe("c");
    drop(queue, queue.entries[0]!);
    expect([shown(queue), queue.at]).toEqual(["c", 0]);
    drop(queue, queue.entries[0]!);
    expect(queue.isOver).toBe(true);
  });

  it("goes back to one whose action failed", () => {
    join(queue, "f", items("a", "b"), 2);
    const first = queue.entries[0]!;
    go(queue, 1);
    go(queue, 1);
    goTo(queue, first);
    expect([shown(queue), queue.isOver]).toEqual(["a", false]);
  });

  it("has whoever is undecided in its second half until they have an outcome, in each feed by itself", () => {
    queue = newQueue("undecided");
    join(queue, "f", items("a", "b"), 3);
    join(queue, "g", items("a"), 1);
    see(queue);
    expect([ids(queue), total(queue), listedCount(queue, "f")]).toEqual([["a", "b", "a"], 4, 3]);
    current(queue)!.outcome = "没接";
    expect([total(queue), listedCount(queue, "f")]).toEqual([4, 2]);
    expect(join(queue, "f", items("b", "c"), 2)).toBe(1);
    expect([total(queue), beyondCount(queue), twinsToRead(queue)]).toEqual([4, 0, []]);
  });

  it("tells what was done", () => {
    join(queue, "f", items("a", "b", "c", "d"), 4);
    const [a, b, c] = queue.entries;
    Object.assign(a!, { isSeen: true, isCalled: true, outcome: "约面试" });
    Object.assign(b!, { isSeen: true, outcome: "已联系" });
    Object.assign(c!, { isSeen: true, outcome: "不合适" });
    expect(tally(queue)).toEqual({ seen: 3, called: 2, invited: 1, removed: 1 });
  });
});
