/**
 * How requests of the generated functions go out: with whose credentials, and for how long.
 *
 *     speakFor({ authorization: () => "Basic …", onRefused: () => endSession() });
 *     const { data } = await ask(getSpecialFeedPage());
 *
 * Knows no session of its own, so that every bundle speaks for its own one.
 */
import { client } from "./generated/client.gen";

/** Who asks. */
export interface Identity {
  /** The value of the `Authorization` header; empty before login. */
  authorization: () => string;
  /** The server answered 401 to these credentials. */
  onRefused: () => void;
}

/** When a request is given up. The server answers within seconds or with 503; longer than this is a dead network. */
const PATIENCE_MS = 15_000;
/**
 * A refusal for no longer than this is waited out. A busy server gives one where an account has much in flight, and
 * where reading a very long list takes it longer than it lets anybody wait: who asks again gets that.
 */
const SHORT_S = 2;

/**
 * Let all requests go out in somebody's name. A bundle calls it once, before its first request.
 *
 * A request that has an `Authorization` header of its own keeps it.
 *
 * @param send what sends the requests
 */
export function speakFor({ authorization, onRefused }: Identity, send = fetch): void {
  client.setConfig({ fetch: patient(PATIENCE_MS, unhurried(send)) });
  client.interceptors.request.use((request) => {
    const value = authorization();
    if (value && !request.headers.has("Authorization")) request.headers.set("Authorization", value);
    return request;
  });
  client.interceptors.response.use((response, request) => {
    // The answer to a request of an older session must not end a newer one.
    const sent = request.headers.get("Authorization");
    if (response.status === 401 && sent && sent === authorization()) onRefused();
    return response;
  });
}

/** A fetch that asks once more after a short refusal. With 429 nothing was done; with 503 it may have been, unless it was reading. */
export function unhurried(send: typeof fetch): typeof fetch {
  return async (request, init) => {
    const isRead = request instanceof Request && request.method === "GET";
    // What is sent twice is kept whole: a clone would go out as a stream, whose length nobody knows.
    const body = request instanceof Request && !isRead ? await request.clone().arrayBuffer() : null;
    const ask = () => send(body?.byteLength ? new Request(request, { body }) : request, init);
    const answer = await ask();
    const wait_s = Number(answer.headers.get("Retry-After") ?? Infinity);
    const isUndone = answer.status === 429 || (answer.status === 503 && isRead);
    if (!isUndone || wait_s > SHORT_S) return answer;
    await new Promise((resolve) => setTimeout(resolve, wait_s * 1000));
    return ask();
  };
}

/** A fetch that gives up after so many milliseconds without an answer. What takes longer, as uploads do, brings its own. */
export function patient(patience_ms: number, send = fetch): typeof fetch {
  return async (request, init) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience_ms);
    if (request instanceof Request) request.signal.addEventListener("abort", () => stop.abort());
    try {
      return await send(request, { ...init, signal: stop.signal, cache: "no-store" });
    } finally {
      clearTimeout(timer);
    }
  };
}
