/**
 * One live connection that reconnects by itself.
 *
 * It knows neither the page nor Vue. What it needs of the browser is handed in, so that tests can hand in theirs.
 * A browser cannot set headers on a WebSocket, so the credentials are its first message, never part of the URL.
 */
import { type ClientMessage, type Frame, NOT_AUTHENTICATED, REPLACED, TRY_LATER } from "./frames";

export type LiveState = "idle" | "connecting" | "live" | "offline" | "replaced";

export interface Wire {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Browser {
  connect(): Wire;
  authorization(): string;
  isOnline(): boolean;
  random(): number;
}

export interface Listener {
  frame(frame: Frame): void;
  state(state: LiveState): void;
  refused(): void;
}

/** How often the client asks for a pong. A browser is not told of the server's own pings. */
export const PING_MS = 20_000;
/** How long a pong may take before the connection counts as lost. A slow mobile network needs a few seconds. */
export const PONG_WITHIN_MS = 8_000;
const FIRST_RETRY_MS = 500;
/** Waits double up to this. A longer one would leave a recruiter without badges long after the server is back. */
const LONGEST_RETRY_MS = 30_000;
/** As in `WebSocket`, which is not defined where the tests run. */
const CONNECTING = 0;
const OPEN = 1;

/**
 * How long to wait before the next try. Half of it is random, so that a restart of the server does not bring
 * everybody back in the same moment. After 1013 MongoDB is away, and clients wait longer.
 */
export function retryMs(tries: number, code: number, random: number): number {
  const factor = code === TRY_LATER ? 4 : 1;
  const whole = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries * factor);
  return whole / 2 + (whole / 2) * random;
}

const say = (wire: Wire, message: ClientMessage): void => wire.send(JSON.stringify(message));

export class LiveSocket {
  private wire: Wire | null = null;
  private wanted = false;
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;
  private pong: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly listener: Listener,
  ) {}

  start(): void {
    this.wanted = true;
    this.tries = 0;
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.drop();
    this.listener.state("idle");
  }

  /** Tell that the network came or went. */
  networkChanged(): void {
    if (!this.wanted) return;
    if (this.browser.isOnline()) {
      this.tries = 0;
      this.connect();
    } else {
      this.drop();
      this.listener.state("offline");
    }
  }

  /** Tell that the page is visible again. A phone that slept does not know that its connection is dead. */
  woke(): void {
    if (!this.wanted) return;
    if (this.wire?.readyState === OPEN) this.probe();
    else this.connect();
  }

  private connect(): void {
    this.drop();
    if (!this.browser.isOnline()) {
      this.listener.state("offline");
      return;
    }
    this.listener.state("connecting");
    const wire = this.browser.connect();
    this.wire = wire;
    wire.onopen = () =>
      say(wire, { type: "auth", authorization: this.browser.authorization(), undecided: true });
    wire.onmessage = (event) => this.received(event.data);
    wire.onclose = (event) => this.closed(event.code);
    this.ping = setInterval(() => this.probe(), PING_MS);
  }

  private received(text: string): void {
    clearTimeout(this.pong);
    let frame: Frame;
    try {
      frame = JSON.parse(text) as Frame;
    } catch {
      return;
    }
    if (frame.type === "snapshot") {
      this.tries = 0;
      this.listener.state("live");
    }
    this.listener.frame(frame);
  }

  /** Send a ping. Without a pong in time the connection counts as lost, and so does one that hangs in its handshake. */
  private probe(): void {
    // Browsers wait for minutes, and the network may be back within seconds.
    if (this.wire?.readyState === CONNECTING) this.closed(0);
    if (this.wire?.readyState !== OPEN) return;
    say(this.wire, { type: "ping" });
    clearTimeout(this.pong);
    this.pong = setTimeout(() => this.closed(0), PONG_WITHIN_MS);
  }

  private closed(code: number): void {
    this.drop();
    if (!this.wanted) return;
    if (code === NOT_AUTHENTICATED) {
      this.stop();
      this.listener.refused();
    } else if (code === REPLACED) {
      // Reconnecting would close another window's connection, which would reconnect in turn, without end.
      this.listener.state("replaced");
    } else {
      this.listener.state(this.browser.isOnline() ? "connecting" : "offline");
      const wait = retryMs(this.tries++, code, this.browser.random());
      this.retry = setTimeout(() => this.connect(), wait);
    }
  }

  private drop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.pong);
    clearInterval(this.ping);
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
  }
}
