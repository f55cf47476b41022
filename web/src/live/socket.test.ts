import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Frame } from "./frames";
import { type LiveState, LiveSocket, PING_MS, PONG_WITHIN_MS, retryMs, type Wire } from "./socket";

class FakeWire implements Wire {
  readyState = 0;
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  sent: string[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  ends(code: number): void {
    this.onclose?.({ code });
  }
}

function scene() {
  const wires: FakeWire[] = [];
  const states: LiveState[] = [];
  const frames: Frame[] = [];
  const browser = { isOnline: true, refusals: 0 };
  const socket = new LiveSocket(
    {
      connect: () => {
        wires.push(new FakeWire());
        return wires.at(-1)!;
      },
      authorization: () => "Basic abc",
      isOnline: () => browser.isOnline,
      random: () => 1,
    },
    {
      frame: (frame) => frames.push(frame),
      state: (state) => states.push(state),
      refused: () => browser.refusals++,
    },
  );
  socket.start();
  return { wires, states, frames, browser, socket };
}

const SNAPSHOT: Frame = { type: "snapshot", seq: 1, feeds: [], total: 0 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a live socket", () => {
  it("says who it is in its first message and is live once the snapshot came", () => {
    const { wires, states, frames } = scene();
    wires[0]!.open();
    expect(wires[0]!.sent).toEqual(['{"type":"auth","authorization":"Basic abc","undecided":true}']);
    expect(states.at(-1)).toBe("connecting");
    wires[0]!.says(SNAPSHOT);
    expect(states.at(-1)).toBe("live");
    expect(frames).toEqual([SNAPSHOT]);
  });

  it("comes back after a restart, later each time, and at once again after it was live", () => {
    const { wires } = scene();
    const waits: number[] = [];
    for (let number = 0; number < 9; number++) {
      wires.at(-1)!.ends(1012);
      const before = wires.length;
      let waited = 0;
      while (wires.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...waits)).toBe(30_000);
    wires.at(-1)!.open();
    wires.at(-1)!.says(SNAPSHOT);
    wires.at(-1)!.ends(1006);
    const before = wires.length;
    vi.advanceTimersByTime(500);
    expect(wires.length).toBe(before + 1);
  });

  it("waits half by lot, and longer where the server says that its store is away", () => {
    expect([0, 0.5, 1].map((lot) => retryMs(0, 1012, lot))).toEqual([250, 375, 500]);
    expect(retryMs(0, 1013, 1)).toBe(2000);
    expect(retryMs(40, 1012, 1)).toBe(30_000);
  });

  it("asks for a sign of life and takes silence for a lost connection", () => {
    const { wires, states } = scene();
    wires[0]!.open();
    wires[0]!.says(SNAPSHOT);
    vi.advanceTimersByTime(PING_MS);
    expect(wires[0]!.sent.at(-1)).toBe('{"type":"ping"}');
    wires[0]!.says({ type: "pong" });
    vi.advanceTimersByTime(PING_MS);
    vi.advanceTimersByTime(PONG_WITHIN_MS);
    expect(wires[0]!.isClosed).toBe(true);
    expect(states.at(-1)).toBe("connecting");
  });

  it("gives a handshake up that hangs", () => {
    const { wires } = scene();
    vi.advanceTimersByTime(PING_MS);
    expect(wires[0]!.isClosed).toBe(true);
    vi.advanceTimersByTime(500);
    expect(wires).toHaveLength(2);
    wires[1]!.open();
    wires[1]!.says(SNAPSHOT);
    vi.advanceTimersByTime(PING_MS);
    expect(wires[1]!.isClosed).toBe(false);
  });

  it("asks at once when the page wakes, and connects where there is no connection", () => {
    const { wires, socket } = scene();
    wires[0]!.open();
    wires[0]!.says(SNAPSHOT);
    socket.woke();
    expect(wires[0]!.sent.at(-1)).toBe('{"type":"ping"}');
    wires[0]!.ends(1006);
    socket.woke();
    expect(wires.length).toBe(2);
  });

  it("does not try without a network and connects as soon as it is back", () => {
    const { wires, states, browser, socket } = scene();
    browser.isOnline = false;
    socket.networkChanged();
    expect(states.at(-1)).toBe("offline");
    expect(wires[0]!.isClosed).toBe(true);
    vi.advanceTimersByTime(120_000);
    expect(wires.length).toBe(1);
    browser.isOnline = true;
    socket.networkChanged();
    expect(wires.length).toBe(2);
  });

  it("ends where the server does not know it any more, and stays away where a newer window replaced it", () => {
    const refused = scene();
    refused.wires[0]!.ends(4401);
    expect(refused.browser.refusals).toBe(1);
    const replaced = scene();
    replaced.wires[0]!.ends(4409);
    expect(replaced.states.at(-1)).toBe("replaced");
    vi.advanceTimersByTime(120_000);
    expect([refused.wires.length, replaced.wires.length]).toEqual([1, 1]);
  });

  it("does nothing any more once it is stopped", () => {
    const { wires, socket, states } = scene();
    socket.stop();
    wires[0]!.ends(1006);
    socket.woke();
    socket.networkChanged();
    vi.advanceTimersByTime(120_000);
    expect(wires.length).toBe(1);
    expect(states.at(-1)).toBe("idle");
  });

  it("survives what is no JSON", () => {
    const { wires, frames } = scene();
    wires[0]!.open();
    wires[0]!.onmessage?.({ data: "{" });
    expect(frames).toEqual([]);
  });
});
