const assert = require("node:assert/strict");
const { test } = require("node:test");

/** A page as WeChat would hold it, with an API whose requests wait for their answers. */
function opened(name, options = {}) {
  const asked = [];
  const wait = (...given) => new Promise((resolve, reject) => asked.push({ given, resolve, reject }));
  const frames = new Set();
  const app = {
    session: { isOpen: () => true },
    api: { feeds: wait, results: wait, remove: wait },
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
