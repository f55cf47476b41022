const app = getApp();

/** A result whose reasons have their points with a sign, as a template calls no functions. */
const shown = (item) => ({
  ...item,
  why: item.why.map((row) => ({ ...row, gain: `${row.points < 0 ? "−" : "+"}${Math.abs(row.points)}` })),
});

Page({
  data: { items: [], next: 0, wrong: "" },
  onLoad({ feed }) {
    this.feed = feed;
    this.read(0);
  },
  onReachBottom() {
    if (this.data.next >= 0) this.read(this.data.next);
  },
  async onPullDownRefresh() {
    await this.read(0);
    wx.stopPullDownRefresh();
  },
  async read(start) {
    try {
      const answer = await app.api.results(this.feed, { start, size: 10 });
      const known = start ? this.data.items : [];
      const ids = new Set(known.map((item) => item.id));
      const items = [...known, ...answer.data.filter((item) => !ids.has(item.id)).map(shown)];
      this.setData({ items, next: answer.next_start, wrong: "" });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
  async remove({ currentTarget }) {
    const { id } = currentTarget.dataset;
    const reasons = ["title", "salary_high", "area"];
    const { tapIndex } = await wx.showActionSheet({ itemList: ["职位不符", "薪资偏高", "地区不符"] });
    await app.api.remove(this.feed, id, [reasons[tapIndex]]);
    this.setData({ items: this.data.items.filter((item) => item.resume.id !== id) });
  },
});
