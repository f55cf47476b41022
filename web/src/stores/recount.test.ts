// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { speakFor } from "../api/client";
import type { Item } from "../api/types";
import { pageAround, patched, recount } from "./recount";
import { clearLists, listFor, type ResultList } from "./results";

const item = (id: string, more: Partial<Item> = {}) =>
  ({ id, resume: { id }, user_read_status: "unread", tier: "strong", ...more }) as Item;
const ids = (items: readonly Item[]) => items.map((one) => one.resume.id).join("");
const items = (names: string) => [...names].map((name) => item(name));

describe("a page of the server's", () => {
  test("has all places that are wanted, and is as small as can be", () => {
    expect(pageAround(0, 9)).toEqual({ start: 0, size: 10 });
    expect(pageAround(45, 60)).toEqual({ start: 2, size: 21 });
    for (let first = 0; first < 120; first++) {
      const { start, size } = pageAround(first, first + 15);
      expect(start * size).toBeLessThanOrEqual(first);
      if (size < 50) expect((start + 1) * size).toBeGreaterThan(first + 15);
    }
  });
});

describe("a list after a part of it was read again", () => {
  test("has what the answer says, and lacks what is gone", () => {
    const now = patched(items("abcdef"), [item("b", { user_read_status: "read" }), item("e")], false, false);
    expect(ids(now)).toBe("abef");
    expect(now[1]?.user_read_status).toBe("read");
  });
  test("keeps what the answer does not reach", () => {
    expect(ids(patched(items("abcdef"), items("cd"), false, false))).toBe("abcdef");
    expect(ids(patched(items("abcdef"), items("cd"), true, false))).toBe("cdef");
    expect(ids(patched(items("abcdef"), items("cd"), false, true))).toBe("abcd");
  });
  test("does not get what is new, which is offered above it", () => {
    expect(ids(patched(items("abc"), items("xabc"), true, true))).toBe("abc");
  });
  test("stays as it is where the answer knows nothing of it", () => {
    expect(ids(patched(items("abc"), items("xyz"), false, false))).toBe("abc");
    expect(ids(patched(items("abc"), [], true, true))).toBe("");
  });
});

describe("coming back to a list", () => {
  let asked: URL[] = [];
  let answers: object[] = [];
  let list: ResultList;

  beforeEach(() => {
    asked = [];
    const send = (request: RequestInfo | URL): Promise<Response> => {
      asked.push(new URL((request as Request).url));
      const body = {
        status: "ok",
        msg: "ok",
        possible_count: 0,
        next_start: -1,
        data: [],
        ...answers.shift(),
      };
      return Promise.resolve(
        new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } }),
      );
    };
    speakFor({ authorization: () => "Basic x", onRefused: () => undefined }, send);
    list = listFor("0123456789abcdef01234567");
    Object.assign(list, { items: items("abc"), total: 3, unread: 2, isLoaded: true });
  });
  afterEach(() => {
    clearLists();
    vi.unstubAllGlobals();
  });

  test("asks for one result where nothing but new ones came", async () => {
    answers = [{ total_recommend_count: 5, newest_recommend_count: 4, data: [item("x")] }];
    await recount(list);
    expect(asked.map((url) => url.searchParams.get("size"))).toEqual(["1"]);
    expect([ids(list.items), list.total, list.unread]).toEqual(["abc", 3, 2]);
  });

  test("reads rows again where one was deleted and another read elsewhere", async () => {
    answers = [
      { total_recommend_count: 2, newest_recommend_count: 0, data: [item("a")] },
      {
        total_recommend_count: 2,
        newest_recommend_count: 0,
        data: [item("a", { user_read_status: "read" }), item("c")],
      },
    ];
    await recount(list);
    expect(asked).toHaveLength(2);
    expect([ids(list.items), list.total, list.unread]).toEqual(["ac", 2, 0]);
    expect(list.items[0]?.user_read_status).toBe("read");
    expect(list.stale.size).toBe(0);
  });

  test("leaves rows that are far from the screen for later", async () => {
    list.rows.noted("a", false, 100);
    answers = [
      { total_recommend_count: 3, newest_recommend_count: 1 },
      { data: [item("b"), item("c")], next_start: -1 },
    ];
    await recount(list);
    expect([...list.stale]).toEqual(["a"]);
    list.rows.clear();
  });

  test("tells what came from what was read elsewhere", async () => {
    // Of two unread ones one was read, and two more came: 2 - 1 + 2.
    answers = [{ total_recommend_count: 5, newest_recommend_count: 3 }, { data: items("abc") }];
    await recount(list);
    expect([list.total, list.unread]).toEqual([3, 1]);
  });
});
