const { applyFrame } = require("../../lib/counts");
const app = getApp();

Page({
  data: { feeds: [], wrong: "", left: null },
  onLoad() {
    this.forget = app.onFrame((frame) => {
      const feeds = applyFrame(this.data.feeds, frame);
      if (feeds) this.setData({ feeds });
      else this.read();
    });
  },
  onUnload() {
    this.forget();
  },
  onShow() {
    this.read();
  },
  async onPullDownRefresh() {
    await this.read();
    wx.stopPullDownRefresh();
  },
  async read() {
    if (!app.session.isOpen()) return;
    try {
      const { data } = await app.api.feeds();
      this.setData({ feeds: data.all_feed.map((row) => row.feed), wrong: "" });
      this.setData({ left: await app.notices.read() });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
  /** Opening a feed is the moment to ask: somebody wants its results. */
  async open({ currentTarget }) {
    const url = `/pages/results/results?feed=${currentTarget.dataset.id}`;
    this.setData({ left: await app.notices.ask(() => wx.navigateTo({ url })) });
  },
});
