const { applyClaim, claimText, endsIn, isOf } = require("../../lib/claims");
const app = getApp();

const PAGE = 10;

Page({
  data: { items: [], next: 0, wrong: "" },
  onLoad({ feed }) {
    this.feed = feed;
    this.asked = 0;
    this.forget = app.onFrame((frame) => this.hear(frame));
    this.read(0);
  },
  onUnload() {
    this.forget();
    clearTimeout(this.timer);
  },
  /** A claim of whoever is listed, or that a colleague asks for somebody with whom one is. */
  hear(frame) {
    if (frame.type === "claim") this.show(applyClaim(this.data.items, frame));
    else if (frame.type === "asked" && frame.by.id !== app.session.user()) {
      const item = this.data.items.find((one) => isOf(one, frame.resume_id));
      const isMine = item && item.claim && item.claim.by.id === app.session.user();
      if (isMine) wx.showToast({ title: `${frame.by.name}也想联系你正在处理的人`, icon: "none" });
    }
  },
  /** Show a list with who is with whom, until the first of that is over. */
  show(items, more = {}) {
    const user = app.session.user();
    this.setData({ items: items.map((one) => ({ ...one, busy: claimText(one.claim, user) })), ...more });
    clearTimeout(this.timer);
    const left = endsIn(items);
    if (left !== null) this.timer = setTimeout(() => this.show(this.data.items), left);
  },
  onReachBottom() {
    const { items, next } = this.data;
    // What was removed has moved the following ones up, so the next page begins earlier; `read` drops doubles.
    if (next >= 0) this.read(Math.min(next, Math.floor(items.length / PAGE)));
  },
  async onPullDownRefresh() {
    await this.read(0);
    wx.stopPullDownRefresh();
  },
  async read(start) {
    const asked = ++this.asked;
    try {
      const answer = await app.api.results(this.feed, { start, size: PAGE });
      if (asked !== this.asked) return; // a page that was asked for before the list was read anew would leave a gap
      const known = start ? this.data.items : [];
      const ids = new Set(known.map((item) => item.id));
      const items = [...known, ...answer.data.filter((item) => !ids.has(item.id))];
      this.show(items, { next: answer.next_start, wrong: "" });
    } catch (error) {
      if (asked === this.asked) this.setData({ wrong: error.message });
    }
  },
  /** Call somebody, unless a colleague is with them. */
  async call({ currentTarget }) {
    const { id } = currentTarget.dataset;
    try {
      const { status, by, kind, until } = await app.api.claim(this.feed, id, "call");
      this.show(applyClaim(this.data.items, { type: "claim", resume_id: id, by, kind, until }));
      if (status === "claimed") {
        wx.showToast({ title: `${claimText({ by, kind, until }, "")}，已告诉对方`, icon: "none" });
        return;
      }
      const { contact_info } = await app.api.unlock(this.feed, id);
      if (contact_info.phone) wx.makePhoneCall({ phoneNumber: contact_info.phone, fail: () => undefined });
      else this.setData({ wrong: "候选人没有可拨打的电话" });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
  async remove({ currentTarget }) {
    const { id } = currentTarget.dataset;
    const reasons = ["title", "salary_high", "area"];
    let chosen;
    try {
      chosen = await wx.showActionSheet({ itemList: ["职位不符", "薪资偏高", "地区不符"] });
    } catch {
      return; // closed without a choice
    }
    try {
      await app.api.remove(this.feed, id, [reasons[chosen.tapIndex]]);
      this.setData({ items: this.data.items.filter((item) => item.resume.id !== id), wrong: "" });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
});
