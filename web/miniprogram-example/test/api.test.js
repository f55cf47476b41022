const assert = require("node:assert/strict");
const { test } = require("node:test");
const { createApi } = require("../lib/api");
const { applyFrame } = require("../lib/counts");
const { createSession } = require("../lib/session");
const { fakeWx } = require("./fake-wx");

function scene(answer) {
  const sent = [];
  const wx = fakeWx((options) => {
    sent.push(options);
    answer(options);
  });
  const session = createSession(wx);
  const ended = [];
  const api = createApi(wx, "https://feed.example.com", session, () => ended.push(true));
  return { wx, session, api, sent, ended };
}
const ok = (data) => (options) =>
  options.success({ statusCode: 200, data: { status: "ok", msg: "ok", ...data } });

test("a login is a form, and its credentials go with what follows and with the next start", async () => {
  const { wx, session, api, sent } = scene(
    ok({ auth_info: { user: "u", token: "t" }, data: { all_feed: [] } }),
  );
  await api.login("hr@example.com", "secret");
  assert.equal(sent[0].header["Content-Type"], "application/x-www-form-urlencoded");
  assert.equal(sent[0].header.Authorization, undefined);
  await api.feeds();
  assert.equal(sent[1].header.Authorization, session.authorization());
  assert.equal(createSession(wx).authorization(), `Basic ${Buffer.from("u:t").toString("base64")}`);
});

test("another status is thrown with the server's words for each field", async () => {
  const { api } = scene((options) =>
    options.success({
      statusCode: 400,
      data: { status: "bad_request", msg: "请求内容有误", errors: { size: ["不能大于 50"] } },
    }),
  );
  await assert.rejects(api.results("f", { size: 500 }), {
    status: "bad_request",
    errors: { size: ["不能大于 50"] },
  });
});

test("an ended session is forgotten once, and by its own requests alone", async () => {
  const waiting = [];
  const { session, api, ended } = scene((options) => waiting.push(options));
  const refuse = (options) =>
    options.success({ statusCode: 401, data: { status: "auth_error", msg: "请登录" } });
  session.start({ user: "u", token: "old" });
  const late = api.feeds();
  session.start({ user: "u", token: "new" });
  refuse(waiting[0]);
  await assert.rejects(late);
  assert.ok(session.isOpen());
  const now = api.feeds();
  refuse(waiting[1]);
  await assert.rejects(now, { status: "auth_error" });
  assert.equal(session.isOpen(), false);
  assert.deepEqual(ended, [true]);
});

test("no answer is said to be the network's fault", async () => {
  const { api } = scene((options) => options.fail({ errMsg: "request:fail timeout" }));
  await assert.rejects(api.feeds(), { status: "network" });
});

test("frames move counts, and an unknown feed asks for the list", () => {
  const feeds = [
    { id: "a", unread_count: 1 },
    { id: "b", unread_count: 0 },
  ];
  const counts = (frame) => (applyFrame(feeds, frame) || []).map((feed) => feed.unread_count);
  assert.deepEqual(counts({ type: "unread", feed_id: "b", unread_count: 4 }), [1, 4]);
  const rows = [
    { feed_id: "b", unread_count: 2 },
    { feed_id: "a", unread_count: 0 },
  ];
  assert.deepEqual(counts({ type: "snapshot", feeds: rows }), [0, 2]);
  assert.deepEqual(counts({ type: "removed", feed_id: "a" }), [0]);
  assert.equal(applyFrame(feeds, { type: "unread", feed_id: "c", unread_count: 1 }), null);
  assert.equal(applyFrame(feeds, { type: "snapshot", feeds: rows.slice(1) }), null);
  assert.equal(applyFrame(feeds, { type: "pong" }), feeds);
});
