const app = getApp();

Page({
  data: { username: "", password: "", wrong: "", ticket: "" },
  enter() {
    app.live.start();
    wx.reLaunch({ url: app.target.take() });
  },
  /** One tap. Whoever has no account yet logs in once by password, and is bound by that. */
  async byWechat() {
    try {
      const answer = await app.api.loginByWechat();
      if (answer.status === "ok") this.enter();
      else this.setData({ ticket: answer.ticket || "", wrong: answer.msg });
    } catch (error) {
      this.setData({ wrong: error.message });
    }
  },
  async submit({ detail }) {
    try {
      await app.api.login(detail.value.username, detail.value.password, this.data.ticket);
      this.enter();
    } catch (error) {
      // A ticket that does not do is of no use for the next try.
      if (error.errors && error.errors.wechat_ticket) this.setData({ ticket: "" });
      this.setData({ wrong: error.message });
    }
  },
});
