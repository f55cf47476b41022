/** The account's id and token. WeChat keeps them between starts. */
const KEY = "talentfeed.session";

/** `Basic` and the base64 of `user:token`, both ASCII. */
function basic(wx, { user, token }) {
  const bytes = Uint8Array.from(`${user}:${token}`, (character) => character.charCodeAt(0));
  return `Basic ${wx.arrayBufferToBase64(bytes.buffer)}`;
}

function createSession(wx) {
  let current = wx.getStorageSync(KEY) || null;
  return {
    isOpen: () => current !== null,
    user: () => (current ? current.user : ""),
    authorization: () => (current ? basic(wx, current) : ""),
    start(authInfo) {
      current = { user: authInfo.user, token: authInfo.token };
      wx.setStorageSync(KEY, current);
    },
    end() {
      current = null;
      wx.removeStorageSync(KEY);
    },
  };
}

module.exports = { createSession };
