const assert = require("node:assert/strict");
const { mock, test } = require("node:test");

/** A page as WeChat would hold it, with an API whose requests wait for their answers. */
function opened(name, options = {}) {
  const asked = [];
  const wait = (...given) => new Promise((resolve, reject) => asked.push({ given, resolve, reject }));
  const frames = new Set();
  const app = {
    session: { isOpen: () => true, user: () => "me" },
    api: { feeds: wait, results: wait, remove: wait, claim: wait, unlock: wait },
    notices: { read: async () => null },
    onFrame: (listener) => {
      frames.add(listener);
      return () => frames.delete(listener);
    },
  };
  let page;
  Object.assign(globalThis, {
    getApp: () => app,
    wx: { showActionSheet: async () => ({ tapIndex: 1 }), stopPullDownRefresh: () => undefined },
    Page: (made) => (page = { ...made, setData: (data) => Object.assign(page.data, data) }),
  });
  const path = require.resolve(`../pages/${name}/${name}`);
  delete require.cache[path];
  require(path);
  page.data = { ...page.data };
  page.onLoad(options);
  return { page, asked, says: (frame) => frames.forEach((listener) => listener(frame)) };
}

const settled = () => new Promise((done) => setTimeout(done));
const results = (from, to) =>
  Array.from({ length: to - from }, (_none, at) => ({
    id: `r${from + at}`,
    resume: { id: `r${from + at}` },
    others: [],
    claim: null,
    summary: "",
  }));
const numbers = (page) => page.data.items.map((item) => Number(item.id.slice(1)));

test("the page after a removal leaves nobody out", async () => {
  const { page, asked } = opened("results", { feed: "f" });
  asked[0].resolve({ data: results(0, 10), next_start: 1 });
  await settled();
  const removal = page.remove({ currentTarget: { dataset: { id: "r3" } } });
  await settled();
  asked[1].resolve({});
  await removal;
  page.onReachBottom();
  const { start } = asked[2].given[1];
  const left = results(0, 30).filter((item) => item.id !== "r3");
  asked[2].resolve({ data: left.slice(start * 10, start * 10 + 10), next_start: start + 1 });
  await settled();
  page.onReachBottom();
  const next = asked[3].given[1].start;
  asked[3].resolve({ data: left.slice(next * 10, next * 10 + 10), next_start: next + 1 });
  await settled();
  assert.deepEqual(
    numbers(page),
    left.slice(0, 20).map((item) => Number(item.id.slice(1))),
  );
});

test("a page that was asked for before the list was read anew is not put behind it", async () => {
  const { page, asked } = opened("results", { feed: "f" });
  asked[0].resolve({ data: results(0, 10), next_start: 1 });
  await settled();
  page.onReachBottom();
  asked[1].resolve({ data: results(10, 20), next_start: 2 });
  await settled();
  page.onReachBottom();
  void page.onPullDownRefresh();
  asked[3].resolve({ data: results(0, 10), next_start: 1 });
  await settled();
  asked[2].resolve({ data: results(20, 30), next_start: 3 });
  await settled();
  assert.deepEqual(numbers(page), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(page.data.next, 1);
});

test("a removal that fails is said, and one that was not chosen does nothing", async () => {
  const { page, asked } = opened("results", { feed: "f" });
  asked[0].resolve({ data: results(0, 2), next_start: -1 });
  await settled();
  const removal = page.remove({ currentTarget: { dataset: { id: "r0" } } });
  await settled();
  asked[1].reject(new Error("连不上服务器，请检查网络后再试"));
  await removal;
  assert.equal(page.data.wrong, "连不上服务器，请检查网络后再试");
  assert.deepEqual(numbers(page), [0, 1]);
  globalThis.wx.showActionSheet = () => Promise.reject({ errMsg: "showActionSheet:fail cancel" });
  await page.remove({ currentTarget: { dataset: { id: "r0" } } });
  assert.equal(asked.length, 2);
});

test("a count that comes while the list is on its way is not undone by it", async () => {
  const { page, asked, says } = opened("feeds");
  void page.onShow();
  asked[0].resolve({ data: { all_feed: [{ feed: { id: "a", unread_count: 3 } }] } });
  await settled();
  void page.onShow();
  says({ type: "unread", seq: 2, feed_id: "a", unread_count: 5 });
  asked[1].resolve({ data: { all_feed: [{ feed: { id: "a", unread_count: 4 } }] } });
  await settled();
  assert.deepEqual(page.data.feeds, [{ id: "a", unread_count: 5 }]);
  page.onUnload();
});

test("a colleague who is with somebody is shown until that is over", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  try {
    const { page, asked, says } = opened("results", { feed: "f" });
    const [one, two] = results(0, 2);
    const own = { by: { id: "me", name: "小李" }, kind: "look", until: 1_120 };
    asked[0].resolve({
      data: [
        { ...one, others: ["older"] },
        { ...two, claim: own },
      ],
      next_start: -1,
    });
    await new Promise(setImmediate);
    const shown = () => page.data.items.map((item) => item.busy);
    assert.deepEqual(shown(), ["", ""]);
    const frame = { type: "claim", seq: 2, feed_id: "f", resume_id: "older" };
    says({ ...frame, by: { id: "wei", name: "小王" }, kind: "call", until: 1_060 });
    assert.deepEqual(shown(), ["小王正在联系", ""]);
    mock.timers.tick(59_999);
    assert.deepEqual(shown(), ["小王正在联系", ""]);
    mock.timers.tick(1);
    assert.deepEqual(shown(), ["", ""]);
    says({ ...frame, by: { id: "wei", name: "小王" }, kind: "look", until: 1_200 });
    assert.deepEqual(shown(), ["小王正在查看", ""]);
    says({ ...frame, by: null, kind: "", until: 0 });
    assert.deepEqual(shown(), ["", ""]);
    const told = [];
    globalThis.wx.showToast = ({ title }) => told.push(title);
    for (const resume_id of ["r1", "older"])
      says({ type: "asked", seq: 3, feed_id: "f", resume_id, by: { id: "wei", name: "小王" } });
    assert.deepEqual(told, ["小王也想联系你正在处理的人"]);
    page.onUnload();
  } finally {
    mock.timers.reset();
  }
});

test("nobody is called with whom a colleague is", async () => {
  const { page, asked } = opened("results", { feed: "f" });
  asked[0].resolve({ data: results(0, 1), next_start: -1 });
  await settled();
  const told = [];
  const called = [];
  globalThis.wx.showToast = ({ title }) => told.push(title);
  globalThis.wx.makePhoneCall = ({ phoneNumber }) => called.push(phoneNumber);
  const until = Date.now() / 1000 + 60;
  const tap = { currentTarget: { dataset: { id: "r0" } } };
  const first = page.call(tap);
  asked[1].resolve({ status: "claimed", by: { id: "wei", name: "小王" }, kind: "call", until });
  await first;
  assert.deepEqual(
    [told, called, page.data.items[0].busy],
    [["小王正在联系，已告诉对方"], [], "小王正在联系"],
  );
  const second = page.call(tap);
  asked[2].resolve({ status: "ok", by: { id: "me", name: "小李" }, kind: "call", until });
  await settled();
  asked[3].resolve({ contact_info: { phone: "13700001234" } });
  await second;
  assert.deepEqual([called, page.data.items[0].busy], [["13700001234"], ""]);
  page.onUnload();
});
