const assert = require("node:assert/strict");
const { beforeEach, mock, test } = require("node:test");
const { createLive, PING_MS, PONG_WITHIN_MS } = require("../lib/live");
const { createSession } = require("../lib/session");
const { fakeWx } = require("./fake-wx");

const SNAPSHOT = { type: "snapshot", seq: 1, feeds: [], total: 0 };

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});

function scene() {
  const wx = fakeWx();
  const session = createSession(wx);
  session.start({ user: "u", token: "t" });
  const heard = { frames: [], states: [], refusals: 0 };
  const live = createLive(
    wx,
    "wss://feed.example.com",
    session,
    {
      frame: (frame) => heard.frames.push(frame),
      state: (state) => heard.states.push(state),
      refused: () => heard.refusals++,
    },
    () => 1,
  );
  live.start();
  const last = () => wx.sockets.at(-1);
  const begin = () => {
    last().opens();
    last().says(SNAPSHOT);
  };
  return { wx, live, heard, last, begin };
}

test("credentials go in the header of the handshake, never in the URL", () => {
  const { last } = scene();
  assert.equal(last().options.url, "wss://feed.example.com/special_feed/ws/");
  assert.deepEqual(last().options.header, {
    Authorization: `Basic ${Buffer.from("u:t").toString("base64")}`,
  });
});

test("a snapshot makes it live, and frames are passed on", () => {
  const { heard, last, begin } = scene();
  begin();
  const unread = { type: "unread", seq: 2, feed_id: "f", unread_count: 3, total: 3 };
  last().says(unread);
  assert.equal(heard.states.at(-1), "live");
  assert.deepEqual(heard.frames, [SNAPSHOT, unread]);
});

test("the background closes it and the foreground opens a new one at once", () => {
  const { wx, heard, begin } = scene();
  begin();
  wx.hide();
  assert.ok(wx.sockets[0].isClosed);
  mock.timers.tick(600_000);
  assert.equal(wx.sockets.length, 1);
  wx.show();
  assert.equal(wx.sockets.length, 2);
  wx.sockets[0].ends(1006); // what WeChat says late of the old one
  begin();
  assert.equal(heard.states.at(-1), "live");
  assert.equal(wx.sockets.length, 2);
});

test("a server that restarts is tried again, later each time", () => {
  const { wx, last } = scene();
  const waits = [500, 1000, 2000, 4000];
  for (const wait of waits) {
    const before = wx.sockets.length;
    last().ends(1012);
    mock.timers.tick(wait - 1);
    assert.equal(wx.sockets.length, before);
    mock.timers.tick(1);
    assert.equal(wx.sockets.length, before + 1);
  }
});

test("silence after a ping counts as a lost connection, a pong does not", () => {
  const { wx, last, begin } = scene();
  begin();
  mock.timers.tick(PING_MS);
  assert.deepEqual(last().sent, [{ type: "ping" }]);
  last().says({ type: "pong" });
  mock.timers.tick(PING_MS);
  mock.timers.tick(PONG_WITHIN_MS);
  assert.ok(wx.sockets[0].isClosed);
});

test("a lost network waits for the network", () => {
  const { wx, heard, begin } = scene();
  begin();
  wx.network(false);
  assert.equal(heard.states.at(-1), "offline");
  mock.timers.tick(600_000);
  assert.equal(wx.sockets.length, 1);
  wx.network(true);
  assert.equal(wx.sockets.length, 2);
});

for (const [name, end] of [
  ["at the handshake", (socket) => socket.fails("Unexpected server response: 401")],
  ["later", (socket) => socket.ends(4401)],
]) {
  test(`refused credentials ${name} end it`, () => {
    const { wx, heard, last } = scene();
    end(last());
    mock.timers.tick(600_000);
    assert.equal(heard.refusals, 1);
    assert.equal(wx.sockets.length, 1);
  });
}

test("one that a sixth client replaced stays away", () => {
  const { wx, heard, last, begin } = scene();
  begin();
  last().ends(4409);
  mock.timers.tick(600_000);
  assert.equal(heard.states.at(-1), "replaced");
  assert.equal(wx.sockets.length, 1);
});
