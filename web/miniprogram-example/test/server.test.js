/** Against a real server, where one is named: TALENTFEED_URL, TALENTFEED_USER, TALENTFEED_PASSWORD. */
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { createApi } = require("../lib/api");
const { createNotices } = require("../lib/notices");
const { createSession } = require("../lib/session");
const { fakeWx } = require("./fake-wx");

const { TALENTFEED_URL, TALENTFEED_USER, TALENTFEED_PASSWORD, TALENTFEED_CODES } = process.env;

/** As `wx.request` sends it. */
async function request({ url, method, header, data, success, fail }) {
  const isForm = header["Content-Type"].includes("form");
  const query = method === "GET" && data ? `?${new URLSearchParams(data)}` : "";
  const body =
    method === "GET" ? undefined : isForm ? new URLSearchParams(data).toString() : JSON.stringify(data);
  try {
    const response = await fetch(url + query, { method, headers: header, body });
    success({ statusCode: response.status, data: await response.json() });
  } catch {
    fail({ errMsg: "request:fail" });
  }
}

test(
  "a phone is bound by one login with a password, and needs none from then on",
  {
    skip: !TALENTFEED_CODES,
  },
  async () => {
    const [first, second, third] = TALENTFEED_CODES.split(",");
    const wx = fakeWx(request);
    const session = createSession(wx);
    const api = createApi(wx, TALENTFEED_URL, session, () => assert.fail("the session ended"));
    wx.code = first;
    const { status, ticket } = await api.loginByWechat();
    assert.deepEqual([status, session.isOpen()], ["not_bound", false]);
    await api.login(TALENTFEED_USER, TALENTFEED_PASSWORD, ticket);
    await api.logout();
    await assert.rejects(api.loginByWechat(), { status: "form_error" });
    wx.code = second;
    assert.equal((await api.loginByWechat()).status, "ok");
    assert.equal(session.isOpen(), true);
    await api.logout();
    wx.code = third;
    assert.equal((await api.loginByWechat()).status, "ok");
    const notices = createNotices(wx, api, "template-mini-01");
    assert.equal(await notices.read(), 0);
    assert.equal(await notices.ask(() => undefined), 1);
    assert.equal(await notices.read(), 1);
    await api.logout();
  },
);

test("a recruiter logs in, reads, deletes, restores and logs out", { skip: !TALENTFEED_URL }, async () => {
  const session = createSession(fakeWx());
  const api = createApi(fakeWx(request), TALENTFEED_URL, session, () => assert.fail("the session ended"));
  await assert.rejects(api.login(TALENTFEED_USER, "a wrong password"), { status: "form_error" });
  await api.login(TALENTFEED_USER, TALENTFEED_PASSWORD);
  const { data } = await api.feeds();
  const { feed } = data.all_feed[0];
  const before = await api.results(feed.id, { size: 50 });
  const { resume } = before.data[0];
  assert.equal((await api.read(feed.id, resume.id)).data.user_read_status, "read");
  await api.watch(feed.id, resume.id);
  await api.remove(feed.id, resume.id, ["salary_high", "area"]);
  assert.equal((await api.results(feed.id)).total_recommend_count, before.total_recommend_count - 1);
  await api.restore(feed.id, resume.id);
  assert.equal((await api.results(feed.id)).total_recommend_count, before.total_recommend_count);
  assert.equal((await api.claim(feed.id, resume.id, "call")).status, "ok");
  assert.ok((await api.unlock(feed.id, resume.id)).contact_info.name);
  assert.equal((await api.submit({ title: "" })).status, "form_error");
  await api.logout();
  assert.equal(session.isOpen(), false);
});
