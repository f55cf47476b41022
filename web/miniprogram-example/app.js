const { createApi } = require("./lib/api");
const { createLive } = require("./lib/live");
const { createSession } = require("./lib/session");

// Both must be in the mini-program's list of allowed domains.
const HTTP = "https://feed.example.com";
const SOCKET = "wss://feed.example.com";

App({
  onLaunch() {
    const toLogin = () => wx.reLaunch({ url: "/pages/login/login" });
    this.listeners = new Set();
    this.session = createSession(wx);
    this.api = createApi(wx, HTTP, this.session, () => {
      this.live.stop();
      toLogin();
    });
    this.live = createLive(wx, SOCKET, this.session, {
      frame: (frame) => this.listeners.forEach((listener) => listener(frame)),
      state: (state) => (this.liveState = state),
      refused: () => {
        this.session.end();
        toLogin();
      },
    });
    if (this.session.isOpen()) this.live.start();
    else toLogin();
  },
  /** Call `listener` with every frame. Returns a function that ends it. */
  onFrame(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  },
});
