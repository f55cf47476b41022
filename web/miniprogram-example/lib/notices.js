/**
 * Consents to messages: each tap on 允许 allows one. WeChat asks only within a tap, before anything is awaited, so how
 * many are left is known beforehand.
 *
 *     const notices = createNotices(wx, api, TEMPLATE);
 *     await notices.read();                       // when a page shows
 *     notices.ask(() => wx.navigateTo({ url }));  // in a tap; goes on whatever is answered
 */

/** With so many left nobody is asked. Whoever ticked 总是保持以上选择 is not shown anything, and is counted all the same. */
const ENOUGH = 5;
const DAY_MS = 24 * 3600 * 1000;
const KEY = "talentfeed.notices-refused";

/** @param {string} template the id of the mini-program's template; without one nobody is asked */
function createNotices(wx, api, template, now = Date.now) {
  /** How many messages may be sent; null where the server sends none by the mini-program, or is not asked yet. */
  let left = null;

  const isRefused = () => now() - (Number(wx.getStorageSync(KEY)) || 0) < DAY_MS;

  return {
    left: () => left,
    /** What the server says. It changes with each message. */
    async read() {
      const { channels } = await api.notices();
      const mini = channels.find(({ kind }) => kind === "mini");
      // Who is not bound to the account cannot be told.
      left = mini && !mini.reason.startsWith("未绑定") ? mini.left : null;
      return left;
    },
    /**
     * Ask for a consent where few are left, and report it.
     *
     * @param {() => void} goOn called once, after the recruiter has answered, or at once where nobody is asked
     * @returns {Promise<number | null>} how many are left
     */
    ask(goOn) {
      if (!template || left === null || left >= ENOUGH || isRefused()) {
        goOn();
        return Promise.resolve(left);
      }
      return new Promise((resolve) => {
        wx.requestSubscribeMessage({
          tmplIds: [template],
          async success(answer) {
            // The next page need not wait for the server to count.
            goOn();
            if (answer[template] === "accept") {
              // A consent that could not be reported is lost, which means one message less.
              await api.consent(1).then(
                (counted) => (left = counted.left),
                () => undefined,
              );
            } else if (answer[template] === "reject") wx.setStorageSync(KEY, now());
            resolve(left);
          },
          // Switched off in the settings of WeChat, or not in a tap.
          fail() {
            goOn();
            resolve(left);
          },
        });
      });
    },
  };
}

module.exports = { createNotices, ENOUGH };
