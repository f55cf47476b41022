/**
 * The page that somebody came for, kept until they have logged in: a message opens a feed's results.
 *
 *     const target = createTarget("pages/login/login", "/pages/feeds/feeds");
 *     target.keep(options);                        // of `onLaunch`, or of the page that is open
 *     wx.reLaunch({ url: target.take() });         // after the login
 */
function createTarget(login, home) {
  let kept = "";
  return {
    /** @param {{ path: string, query?: Record<string, string> }} page */
    keep({ path, query = {} }) {
      if (!path || path === login) return;
      const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join("="));
      kept = `/${path}${pairs.length ? `?${pairs.join("&")}` : ""}`;
    },
    take() {
      const url = kept || home;
      kept = "";
      return url;
    },
  };
}

module.exports = { createTarget };
