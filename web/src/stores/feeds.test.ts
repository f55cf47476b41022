// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speakFor } from "../api/client";
import { clearFeeds, feedOf, feeds, loadFeeds } from "./feeds";
import { keepLive } from "./live";
import { endSession, startSession } from "./session";

const row = (id: string, more: object) => ({
  feed: { id, unread_count: 0, progress: 0, calced: false, ...more },
});

let answers: ((rows: object[]) => Promise<void>)[] = [];
let says: (frame: object) => void = () => undefined;
const sent = (ms = 0) => new Promise((done) => setTimeout(done, ms));

beforeEach(() => {
  answers = [];
  const send = (): Promise<Response> =>
    new Promise((resolve) => {
      answers.push(async (all_feed) => {
        const body = { status: "ok", msg: "ok", data: { all_feed } };
        resolve(new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } }));
        await sent();
      });
    });
  speakFor({ authorization: () => "Basic x", onRefused: () => undefined }, send);
  const wire = {
    readyState: 1,
    onmessage: null as ((event: { data: string }) => void) | null,
    send: () => undefined,
    close: () => undefined,
  };
  vi.stubGlobal(
    "WebSocket",
    vi.fn(function () {
      return wire;
    }),
  );
  says = (frame) => wire.onmessage?.({ data: JSON.stringify(frame) });
});
afterEach(() => {
  endSession();
  clearFeeds();
  vi.unstubAllGlobals();
});

test("a feed that was scored while its row was on its way does not stay at its progress", async () => {
  keepLive();
  startSession({ user: "u", token: "t" }, "hr@example.com");
  await sent();
  await answers[0]?.([row("a", { progress: 0.4 })]);
  const loading = loadFeeds();
  await sent();
  says({ type: "progress", seq: 2, feed_id: "a", progress: 1, calced: true });
  await answers[1]?.([row("a", { progress: 0.6 })]);
  await loading;
  expect([feedOf("a")?.progress, feedOf("a")?.calced]).toEqual([1, true]);

  // A new one was scored before it is known here: it is asked for.
  const saved = loadFeeds();
  await sent();
  says({ type: "progress", seq: 3, feed_id: "b", progress: 1, calced: true });
  await answers[2]?.([row("b", {}), row("a", { progress: 1, calced: true })]);
  await saved;
  await sent(250);
  await answers[3]?.([row("b", { progress: 1, calced: true }), row("a", { progress: 1, calced: true })]);
  expect(feeds.all.map((feed) => feed.calced)).toEqual([true, true]);
});
