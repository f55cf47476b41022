const app = getApp();

Page({
  data: { username: "", password: "", wrong: "" },
  async submit({ detail }) {
    try {
      await app.api.login(detail.value.username, detail.value.password);
      app.live.start();
      wx.reLaunch({ url: "/pages/feeds/feeds" });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
});
