const { createApi } = require("./lib/api");
const { createLive } = require("./lib/live");
const { createNotices } = require("./lib/notices");
const { createSession } = require("./lib/session");
const { createTarget } = require("./lib/target");

// Both must be in the mini-program's list of allowed domains.
const HTTP = "https://feed.example.com";
const SOCKET = "wss://feed.example.com";
// The id in the server's `wechat_mini_template`. Without it nobody is asked to allow messages.
const TEMPLATE = "";

App({
  onLaunch(options) {
    this.listeners = new Set();
    this.target = createTarget("pages/login/login", "/pages/feeds/feeds");
    this.session = createSession(wx);
    this.api = createApi(wx, HTTP, this.session, () => {
      this.live.stop();
      this.toLogin();
    });
    this.notices = createNotices(wx, this.api, TEMPLATE);
    this.live = createLive(wx, SOCKET, this.session, {
      frame: (frame) => this.listeners.forEach((listener) => listener(frame)),
      state: (state) => (this.liveState = state),
      refused: () => {
        this.session.end();
        this.toLogin();
      },
    });
    if (this.session.isOpen()) this.live.start();
    else {
      // A message may have opened it.
      this.target.keep(options);
      wx.reLaunch({ url: "/pages/login/login" });
    }
  },
  /** From the page that is open, which the login leads back to. */
  toLogin() {
    const [page] = getCurrentPages().slice(-1);
    if (page) this.target.keep({ path: page.route, query: page.options });
    wx.reLaunch({ url: "/pages/login/login" });
  },
  /** Call `listener` with every frame. Returns a function that ends it. */
  onFrame(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  },
});
