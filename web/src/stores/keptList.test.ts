// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speakFor } from "../api/client";
import { clearMarked, loadMarked, marked, staleMarked, staleOnNewDay } from "./marked";

let answers: ((names: string) => Promise<void>)[] = [];
const sent = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  answers = [];
  const send = (): Promise<Response> =>
    new Promise((resolve) => {
      answers.push(async (names) => {
        const data = [...names].map((id) => ({ resume: { id } }));
        const body = { status: "ok", msg: "ok", total_count: data.length, next_start: -1, data, marks: [] };
        resolve(new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } }));
        await sent();
      });
    });
  speakFor({ authorization: () => "Basic x", onRefused: () => undefined }, send);
});
afterEach(() => {
  vi.useRealTimers();
  clearMarked();
});

const shown = () => marked.items.map((one) => one.resume.id).join("");

test("a list that changes while it is read is read once more", async () => {
  void loadMarked();
  await sent();
  staleMarked(); // what is on its way was read before the change
  await sent();
  await answers[0]?.("ab");
  await answers[1]?.("a");
  expect([shown(), marked.isLoaded, marked.isLoading]).toEqual(["a", true, false]);
});

test("a new day has others to come back to", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-27T18:00:00+08:00") });
  void loadMarked();
  await sent();
  await answers[0]?.("ab");
  staleOnNewDay();
  expect(marked.isLoaded).toBe(true);
  vi.setSystemTime(Date.parse("2026-11-28T08:00:00+08:00"));
  staleOnNewDay();
  expect(marked.isLoaded).toBe(false);
});
