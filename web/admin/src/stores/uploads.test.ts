import { beforeEach, expect, test, vi } from "vitest";
import { clear, MAX_FILE_BYTES, retry, upload, uploads, waiting } from "./uploads";
import { startSession } from "../session";

const post = vi.hoisted(() => vi.fn());
vi.mock("../../../src/api/generated/sdk.gen", () => ({ postAdminApiFiles: post }));

const answered = (status: number, data: object) => ({ response: new Response(null, { status }), data });
const taken = (name: string) =>
  answered(200, {
    status: "ok",
    msg: "",
    results: [{ file: name, status: "accepted", id: "1", errors: {} }],
  });
const busy = answered(429, { status: "too_many", msg: "请求过于频繁" });
const nobody = { error: new TypeError("no connection") };
const file = (name: string, size = 1) => new File([new Uint8Array(size)], name);
const settled = () => vi.waitUntil(() => waiting.value === 0);

beforeEach(() => {
  post.mockReset();
  uploads.splice(0);
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
  startSession({ token: "t", email: "a@example.com", role: "admin" });
});

test("each file has an outcome of its own, and one that fails holds up no other", async () => {
  post.mockImplementation(({ body }) => (body.file[0].name === "b" ? nobody : taken(body.file[0].name)));
  upload([file("a"), file("b"), file("c")], "x", false);
  await settled();
  expect(uploads.map(({ state }) => state)).toEqual(["done", "failed", "done"]);
  expect(uploads[1]?.failure).toContain("连不上服务器");
  post.mockImplementation(() => taken("b"));
  retry(uploads[1]!);
  await settled();
  expect(uploads[1]?.results[0]?.status).toBe("accepted");
});

test("a server that asks to wait is asked again", async () => {
  post.mockReturnValueOnce(busy).mockReturnValueOnce(busy).mockReturnValue(taken("a"));
  vi.useFakeTimers();
  upload([file("a")], "x", false);
  await vi.advanceTimersByTimeAsync(10_000);
  vi.useRealTimers();
  expect(uploads[0]?.state).toBe("done");
  expect(post).toHaveBeenCalledTimes(3);
});

test("what is too large or empty is not sent", async () => {
  upload([file("large", MAX_FILE_BYTES + 1), file("empty", 0)], "x", false);
  await settled();
  expect(uploads.map(({ state }) => state)).toEqual(["failed", "failed"]);
  expect(post).not.toHaveBeenCalled();
});

test("two are under way at once, and what waits can be left", async () => {
  let give: (() => void)[] = [];
  post.mockImplementation(() => new Promise((resolve) => give.push(() => resolve(taken("a")))));
  upload([file("a"), file("b"), file("c"), file("d")], "x", true);
  expect(post).toHaveBeenCalledTimes(2);
  expect(post.mock.calls[0]?.[0].body.dry_run).toBe(1);
  clear(["waiting"]);
  give.forEach((one) => one());
  give = [];
  await settled();
  expect(post).toHaveBeenCalledTimes(2);
  expect(uploads.map(({ state }) => state)).toEqual(["done", "done"]);
});
