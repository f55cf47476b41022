const app = getApp();

const PAGE = 10;

Page({
  data: { items: [], next: 0, wrong: "" },
  onLoad({ feed }) {
    this.feed = feed;
    this.asked = 0;
    this.read(0);
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
      this.setData({ items, next: answer.next_start, wrong: "" });
    } catch (error) {
      if (asked === this.asked) this.setData({ wrong: error.message });
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
