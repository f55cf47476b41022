// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { speakFor } from "../api/client";
import type { Item } from "../api/types";
import { noFilters } from "../filters";
import { actsOn } from "./outbox";
import { recount, rereadAll } from "./recount";
import { remove } from "./removals";
import { clearLists, listFor, more, reload, type ResultList } from "./results";

const FEED = "0123456789abcdef01234567";
const item = (id: string, more: Partial<Item> = {}) =>
  ({
    id,
    resume: { id },
    user_read_status: "unread",
    tier: "strong",
    favStatus: false,
    mark_log: [],
    removed_time: "",
    work: "new",
    feedback: [],
    ...more,
  }) as unknown as Item;
const items = (names: string, more: Partial<Item> = {}) => [...names].map((name) => item(name, more));
const ids = (list: ResultList) => list.items.map((one) => one.resume.id).join("");

/** Requests that wait for their answers. */
let asked: { url: URL; answer: (body?: object) => Promise<void> }[] = [];
let list: ResultList;

beforeEach(() => {
  asked = [];
  const send = (request: RequestInfo | URL): Promise<Response> =>
    new Promise((resolve) => {
      const answer = async (body = {}): Promise<void> => {
        const usual = { status: "ok", msg: "ok", possible_count: 0, next_start: -1, data: [] };
        const headers = { "Content-Type": "application/json" };
        resolve(new Response(JSON.stringify({ ...usual, ...body }), { headers }));
        await new Promise((done) => setTimeout(done));
      };
      asked.push({ url: new URL((request as Request).url), answer });
    });
  speakFor({ authorization: () => "Basic x", onRefused: () => undefined }, send);
  list = listFor(FEED);
  Object.assign(list, { items: items("abc"), total: 3, unread: 3, found: 3, isLoaded: true });
});
afterEach(clearLists);

const counts = () => [list.total, list.unread, list.found];
/** The requests so far went out. */
const sent = () => new Promise((done) => setTimeout(done));

describe("a removal", () => {
  test("is seen at once, waits until it is sent, and what was asked before it changes nothing", async () => {
    const counting = recount(list);
    await sent();
    const undo = remove(FEED, "b", "某某", []);
    expect([ids(list), counts()]).toEqual(["ac", [2, 2, 2]]);
    await asked[0]?.answer({ total_recommend_count: 3, newest_recommend_count: 3, data: items("a") });
    await counting;
    expect(counts()).toEqual([2, 2, 2]);
    const reading = reload(list);
    await sent();
    await asked[1]?.answer({ total_recommend_count: 2, newest_recommend_count: 2, data: items("abc") });
    await reading;
    expect(ids(list)).toBe("ac");
    await undo();
    expect(ids(list)).toBe("abc");
    expect(actsOn("b")).toEqual([]);
  });
});

describe("the next page", () => {
  test.each([
    ["unread ones", { isUnreadOnly: true }, { user_read_status: "read" as const }],
    ["favourites", { isFavouriteOnly: true }, { favStatus: false }],
    ["those of a mark", { mark: "没接" }, { mark_log: [] }],
  ])("of %s begins earlier by those that are none any more", async (_name, filter, change) => {
    const whole = {
      favStatus: true,
      mark_log: [{ mark_name: "没接" }],
    } as unknown as Partial<Item>;
    Object.assign(list, {
      filters: { ...noFilters(), ...filter },
      items: items("abcdefghij", whole),
      next: 1,
    });
    Object.assign(list.items[2]!, change);
    const reading = more(list);
    await sent();
    expect(asked[0]?.url.searchParams.get("start")).toBe("0");
    await asked[0]?.answer({ data: items("abdefghijk", whole) });
    await reading;
    expect(ids(list)).toBe("abcdefghijk");
  });
});

describe("rows that are read again", () => {
  test("do not touch a list that is of other filters by then", async () => {
    const reading = rereadAll(list);
    await sent();
    list.filters = { ...noFilters(), isUnreadOnly: true };
    const reloading = reload(list);
    await sent();
    await asked[1]?.answer({ data: items("xyz"), feed_query_count: 3 });
    await reloading;
    await asked[0]?.answer({ data: items("abz") });
    await reading;
    expect(ids(list)).toBe("xyz");
    expect(list.found).toBe(3);
  });
});
