// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const FEED = "0123456789abcdef01234567";
const LIST = `/special_feed/feed_list/${FEED}?tier=strong&sort=time&start=0&size=10`;
const MINE = `Basic ${btoa("user:token")}`;
const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.resetModules();
  vi.useFakeTimers();
  localStorage.setItem("talentfeed.session", JSON.stringify({ user: "user", token: "token" }));
  location.hash = `#/feeds/${FEED}`;
  vi.stubGlobal("fetch", (request: Request | string) => {
    asked.push(typeof request === "string" ? request : new URL(request.url).pathname);
    return Promise.resolve(new Response(`answer ${asked.length}`));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

const request = (path: string, init: RequestInit = {}) =>
  new Request(new URL(path, location.href), { headers: { Authorization: MINE }, ...init });

test("what was asked for early is taken once", async () => {
  const { askEarly, takeEarly } = await import("./early");
  askEarly();
  expect(asked).toEqual([LIST, "/special_feed/page/"]);
  const send = takeEarly();
  expect(await (await send(request(LIST))).text()).toBe("answer 1");
  expect(await (await send(request(LIST))).text()).toBe("answer 3");
});

test("nobody takes what another account asked for, or what a change has made old, or is late for", async () => {
  const { askEarly, takeEarly } = await import("./early");
  askEarly();
  const send = takeEarly();
  expect(await (await send(request(LIST, { headers: { Authorization: "Basic other" } }))).text()).toBe(
    "answer 3",
  );
  await send(request("/feed/modify_feed_result", { method: "POST" }));
  expect(await (await send(request("/special_feed/page/"))).text()).toBe("answer 5");
  vi.resetModules();
  const again = await import("./early");
  again.askEarly();
  const late = again.takeEarly();
  vi.advanceTimersByTime(10_000);
  expect(await (await late(request(LIST))).text()).toBe("answer 8");
});

test("nothing is asked for early without a session, and nothing once the page has begun", async () => {
  const { askEarly, takeEarly } = await import("./early");
  takeEarly();
  askEarly();
  expect(asked).toEqual([]);
  vi.resetModules();
  localStorage.clear();
  (await import("./early")).askEarly();
  expect(asked).toEqual([]);
});

test("what failed early is asked for again", async () => {
  const { askEarly, takeEarly } = await import("./early");
  const works = fetch;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  askEarly();
  vi.stubGlobal("fetch", works);
  expect(await (await takeEarly()(request(LIST))).text()).toBe("answer 1");
});
