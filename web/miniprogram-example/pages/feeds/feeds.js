const { applyFrame } = require("../../lib/counts");
const app = getApp();

Page({
  data: { feeds: [], wrong: "", left: null },
  onLoad() {
    this.forget = app.onFrame((frame) => {
      if (this.missed) this.missed.push(frame);
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
    // Frames that come while the list is on its way may be newer than it.
    const missed = (this.missed = []);
    try {
      const { data } = await app.api.feeds();
      if (missed !== this.missed) return; // it was asked for once more
      this.missed = null;
      const read = data.all_feed.map((row) => row.feed);
      this.setData({
        feeds: missed.reduce((feeds, frame) => applyFrame(feeds, frame) || feeds, read),
        wrong: "",
      });
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
