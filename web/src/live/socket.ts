/**
 * One live connection that comes back by itself.
 *
 * It knows neither the page nor Vue: what it needs of the world is handed in, so that tests can hand in theirs.
 * A browser cannot set headers on a WebSocket, so the credentials are its first message, never part of the URL.
 */
import { type Frame, NOT_AUTHENTICATED, REPLACED, TRY_LATER } from "./frames";

export type LiveState = "idle" | "connecting" | "live" | "offline" | "replaced";

export interface Wire {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface World {
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

export const PING_MS = 20_000;
export const PONG_WITHIN_MS = 8_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const OPEN = 1;

/**
 * How long to wait before the next try. Half of it is by lot, so that a restart of the server does not bring
 * everybody back in the same moment.
 */
export function retryMs(tries: number, code: number, random: number): number {
  const patience = code === TRY_LATER ? 4 : 1;
  const whole = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries * patience);
  return whole / 2 + (whole / 2) * random;
}

export class LiveSocket {
  private wire: Wire | null = null;
  private wanted = false;
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;
  private pong: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly world: World,
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

  /** The device says that the network came or went. */
  networkChanged(): void {
    if (!this.wanted) return;
    if (this.world.isOnline()) {
      this.tries = 0;
      this.connect();
    } else {
      this.drop();
      this.listener.state("offline");
    }
  }

  /** The page is looked at again: a phone that slept does not notice that its connection is dead. */
  woke(): void {
    if (!this.wanted) return;
    if (this.wire?.readyState === OPEN) this.probe();
    else this.connect();
  }

  private connect(): void {
    this.drop();
    if (!this.world.isOnline()) {
      this.listener.state("offline");
      return;
    }
    this.listener.state("connecting");
    const wire = this.world.connect();
    this.wire = wire;
    wire.onopen = () =>
      wire.send(JSON.stringify({ type: "auth", authorization: this.world.authorization() }));
    wire.onmessage = (event) => this.heard(event.data);
    wire.onclose = (event) => this.closed(event.code);
    this.ping = setInterval(() => this.probe(), PING_MS);
  }

  private heard(text: string): void {
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

  /** Ask for a sign of life; without one the connection counts as lost. */
  private probe(): void {
    if (this.wire?.readyState !== OPEN) return;
    this.wire.send(JSON.stringify({ type: "ping" }));
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
      // An older window that came back at once would throw out a newer one, round and round.
      this.listener.state("replaced");
    } else {
      this.listener.state(this.world.isOnline() ? "connecting" : "offline");
      const wait = retryMs(this.tries++, code, this.world.random());
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
