const assert = require("node:assert/strict");
const path = require("node:path");
const { test } = require("node:test");
const { createApi } = require("../lib/api");
const { createNotices, ENOUGH } = require("../lib/notices");
const { createSession } = require("../lib/session");
const { fakeWx } = require("./fake-wx");

const HOUR_MS = 3600 * 1000;

/** A server that counts consents; `mini` is how it sees the channel. */
function scene(mini = { left: 0, reason: "没有剩余的提醒次数" }) {
  const reported = [];
  const wx = fakeWx(({ url, data, success }) => {
    const answer = { status: "ok", msg: "ok" };
    if (url.endsWith("/consent/")) {
      reported.push(data);
      mini.left += data.accepted;
      success({ statusCode: 200, data: { ...answer, left: mini.left } });
    } else {
      const channels = [{ kind: "robot", reason: "" }, ...(mini ? [{ kind: "mini", ...mini }] : [])];
      success({ statusCode: 200, data: { ...answer, channels } });
    }
  });
  const api = createApi(wx, "https://feed.example.com", createSession(wx), () => undefined);
  const clock = { now: Date.now() };
  const notices = createNotices(wx, api, "template-1", () => clock.now);
  let gone = 0;
  return { wx, notices, reported, clock, tap: () => notices.ask(() => gone++), gone: () => gone };
}

test("a tap asks, reports what was allowed, and goes on", async () => {
  const { wx, notices, reported, tap, gone } = scene();
  assert.equal(await notices.read(), 0);
  assert.equal(await tap(), 1);
  assert.deepEqual([wx.asked, reported, gone()], [[["template-1"]], [{ app: "mini", accepted: 1 }], 1]);
});

test("WeChat is asked within the tap, before anything is awaited", async () => {
  const { wx, notices, tap } = scene();
  await notices.read();
  const answered = tap();
  assert.equal(wx.asked.length, 1);
  await answered;
});

test("whoever has enough is not asked", async () => {
  const { wx, notices, tap, gone } = scene({ left: ENOUGH, reason: "" });
  await notices.read();
  assert.equal(await tap(), ENOUGH);
  assert.deepEqual([wx.asked, gone()], [[], 1]);
});

test("whoever said no is asked again on another day", async () => {
  const { wx, notices, reported, clock, tap, gone } = scene();
  await notices.read();
  wx.answer = "reject";
  await tap();
  await tap();
  clock.now += 23 * HOUR_MS;
  await tap();
  assert.deepEqual([wx.asked.length, reported, gone()], [1, [], 3]);
  clock.now += 2 * HOUR_MS;
  wx.answer = "accept";
  assert.equal(await tap(), 1);
});

test("messages that are switched off in WeChat hold nobody up", async () => {
  const { wx, notices, reported, tap, gone } = scene();
  await notices.read();
  wx.answer = "error";
  assert.equal(await tap(), 0);
  assert.deepEqual([reported, gone()], [[], 1]);
});

for (const [mini, name] of [
  [null, "a server without messages"],
  [{ left: 0, reason: "未绑定微信小程序" }, "an account without this WeChat"],
]) {
  test(`${name} is not asked about`, async () => {
    const { wx, notices, tap, gone } = scene(mini);
    assert.equal(await notices.read(), null);
    await tap();
    assert.deepEqual([wx.asked, gone()], [[], 1]);
  });
}

/** The whole program under a simulated `wx`, with the pages that are opened by hand. */
function program(wx, pages) {
  const made = {};
  Object.assign(globalThis, {
    wx,
    App: (app) => (made.app = app),
    Page: (page) => (made.page = page),
    getApp: () => made.app,
    getCurrentPages: () => pages,
  });
  const load = (file) => {
    const found = path.join(__dirname, "..", file);
    delete require.cache[require.resolve(found)];
    require(found);
  };
  load("app.js");
  return {
    app: made.app,
    page(name) {
      load(`pages/${name}/${name}.js`);
      const page = { ...made.page, setData: (data) => Object.assign(page.data, data) };
      return page;
    },
  };
}
const LOGGED_IN = { status: "ok", msg: "ok", auth_info: { user: "u", token: "t" } };

test("a message leads through the login to its feed", async () => {
  const wx = fakeWx(({ success }) => success({ statusCode: 200, data: LOGGED_IN }));
  const { app, page } = program(wx, []);
  app.onLaunch({ path: "pages/results/results", query: { feed: "6b064ce8eafc27a898b70a34" } });
  assert.deepEqual(wx.opened, ["/pages/login/login"]);
  const login = page("login");
  await login.byWechat();
  assert.equal(wx.opened[1], "/pages/results/results?feed=6b064ce8eafc27a898b70a34");
  app.live.stop();
});

test("a session that ended leads back to where it did, and a plain start to the feeds", async () => {
  const answers = [{ statusCode: 401, data: { status: "auth_error", msg: "请登录" } }];
  const wx = fakeWx(({ success }) => success(answers.shift() ?? { statusCode: 200, data: LOGGED_IN }));
  const pages = [{ route: "pages/results/results", options: { feed: "f" } }];
  const { app, page } = program(wx, pages);
  createSession(wx).start({ user: "u", token: "old" });
  app.onLaunch({ path: "pages/feeds/feeds", query: {} });
  await page("feeds").read();
  await page("login").byWechat();
  assert.deepEqual(wx.opened, ["/pages/login/login", "/pages/results/results?feed=f"]);
  assert.equal(app.target.take(), "/pages/feeds/feeds");
  app.live.stop();
});
