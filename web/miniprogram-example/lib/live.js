/**
 * The socket over `wx.connectSocket`: credentials in the header of the handshake, a ping that finds dead
 * connections, and a new connection after the background, where WeChat closes sockets without a word.
 *
 *     const live = createLive(wx, "wss://feed.example.com", session, { frame, state, refused });
 *     live.start();
 *
 * Counts in frames are absolute, and every connection begins with a snapshot, so a missed frame does no harm.
 *
 * @typedef {import("../../src/live/frames").Frame} Frame
 * @typedef {import("../../src/live/frames").ClientMessage} ClientMessage
 *
 * @typedef {object} Listener
 * @property {(frame: Frame) => void} frame
 * @property {(state: "idle" | "connecting" | "live" | "offline" | "replaced") => void} state
 * @property {() => void} refused The credentials are not valid any more.
 */

/** How often to ask for a pong. WeChat does not tell a mini-program of the server's own pings. */
const PING_MS = 20000;
/** How long a pong may take before the connection counts as lost. A slow mobile network needs a few seconds. */
const PONG_WITHIN_MS = 8000;
const FIRST_RETRY_MS = 500;
/** Waits double up to this. */
const LONGEST_RETRY_MS = 30000;

// Close codes that need an answer of their own. After any other one the client connects again.
const TRY_LATER = 1013;
const NOT_AUTHENTICATED = 4401;
const REPLACED = 4409;

/** @type {ClientMessage} */
const PING = { type: "ping" };

/** @param {Listener} listener */
function createLive(wx, base, session, listener, random = Math.random) {
  let task = null;
  let isWanted = false;
  let isOpen = false;
  let isHidden = false;
  let isOnline = true;
  let tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry, ping, pong;

  function connect() {
    drop();
    if (!isWanted || isHidden || !isOnline) return;
    listener.state("connecting");
    const mine = wx.connectSocket({
      url: `${base}/special_feed/ws/`,
      header: { Authorization: session.authorization() },
      // Without this callback the failure is an error in the app's log.
      fail: () => closed(mine, 0),
    });
    task = mine;
    mine.onOpen(() => {
      if (task === mine) isOpen = true;
    });
    mine.onMessage(({ data }) => {
      if (task === mine) received(JSON.parse(data));
    });
    mine.onClose(({ code }) => closed(mine, code));
    mine.onError(({ errMsg = "" }) => closed(mine, errMsg.includes("401") ? NOT_AUTHENTICATED : 0));
    ping = setInterval(probe, PING_MS);
  }

  /** @param {Frame} frame */
  function received(frame) {
    clearTimeout(pong);
    if (frame.type === "snapshot") {
      tries = 0;
      listener.state("live");
    }
    listener.frame(frame);
  }

  function probe() {
    if (!isOpen) return;
    const asked = task;
    task.send({ data: JSON.stringify(PING), fail: () => closed(asked, 0) });
    clearTimeout(pong);
    pong = setTimeout(() => closed(asked, 0), PONG_WITHIN_MS);
  }

  function closed(which, code) {
    if (which !== task) return; // an older connection
    drop();
    if (code === NOT_AUTHENTICATED) {
      isWanted = false;
      listener.refused();
    } else if (code === REPLACED) {
      // Reconnecting would close another client's connection, which would reconnect in turn, without end.
      isWanted = false;
      listener.state("replaced");
    } else if (isWanted) {
      listener.state("connecting");
      // Half of the wait is random, so that a restart does not bring everybody back in the same moment. After 1013
      // MongoDB is away, and clients wait longer.
      const whole = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries++ * (code === TRY_LATER ? 4 : 1));
      retry = setTimeout(connect, whole / 2 + (whole / 2) * random());
    }
  }

  function drop() {
    clearTimeout(retry);
    clearTimeout(pong);
    clearInterval(ping);
    const old = task;
    task = null;
    isOpen = false;
    if (old) old.close({});
  }

  wx.onAppShow(() => {
    isHidden = false;
    tries = 0;
    if (isWanted) connect();
  });
  wx.onAppHide(() => {
    isHidden = true;
    drop();
  });
  wx.onNetworkStatusChange(({ isConnected }) => {
    isOnline = isConnected;
    tries = 0;
    if (isConnected) connect();
    else {
      drop();
      if (isWanted) listener.state("offline");
    }
  });

  return {
    start() {
      isWanted = true;
      tries = 0;
      connect();
    },
    stop() {
      isWanted = false;
      drop();
      listener.state("idle");
    },
  };
}

module.exports = { createLive, PING_MS, PONG_WITHIN_MS };
