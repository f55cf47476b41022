/** As much of `wx` as the example uses, under the hand of a test. */
function fakeWx(request) {
  const storage = new Map();
  const listeners = { show: [], hide: [], network: [] };
  const sockets = [];
  const opened = [];
  return {
    sockets,
    request,
    /** The pages that were opened. */
    opened,
    navigateTo: ({ url }) => opened.push(url),
    reLaunch: ({ url }) => opened.push(url),
    /** What is answered to the next requests for consent: accept, reject, or an error of WeChat. */
    answer: "accept",
    asked: [],
    requestSubscribeMessage({ tmplIds, success, fail }) {
      this.asked.push(tmplIds);
      if (this.answer === "error") fail({ errCode: 20004 });
      else success({ errMsg: "ok", [tmplIds[0]]: this.answer });
    },
    /** Each code is another one, as WeChat's are. A test may set `code` to what a double of WeChat gave. */
    code: "",
    login({ success }) {
      success({ code: this.code });
    },
    getStorageSync: (key) => storage.get(key) || "",
    setStorageSync: (key, value) => storage.set(key, value),
    removeStorageSync: (key) => storage.delete(key),
    arrayBufferToBase64: (buffer) => Buffer.from(buffer).toString("base64"),
    onAppShow: (listener) => listeners.show.push(listener),
    onAppHide: (listener) => listeners.hide.push(listener),
    onNetworkStatusChange: (listener) => listeners.network.push(listener),
    show: () => listeners.show.forEach((listener) => listener({})),
    hide: () => listeners.hide.forEach((listener) => listener()),
    network: (isConnected) => listeners.network.forEach((listener) => listener({ isConnected })),
    connectSocket(options) {
      const on = {};
      const socket = {
        options,
        sent: [],
        isClosed: false,
        onOpen: (listener) => (on.open = listener),
        onMessage: (listener) => (on.message = listener),
        onClose: (listener) => (on.close = listener),
        onError: (listener) => (on.error = listener),
        send: ({ data }) => socket.sent.push(JSON.parse(data)),
        close: () => (socket.isClosed = true),
        opens: () => on.open({}),
        says: (frame) => on.message({ data: JSON.stringify(frame) }),
        ends: (code) => on.close({ code }),
        fails: (errMsg) => on.error({ errMsg }),
      };
      sockets.push(socket);
      return socket;
    },
  };
}

module.exports = { fakeWx };
