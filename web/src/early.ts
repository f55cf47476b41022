/**
 * What the first page asks the server, sent while its scripts are still on their way.
 *
 * On a slow network the scripts take a second. The list of a feed, or the feeds, come within that second, and are
 * there when the page asks for them. Whatever it asks otherwise goes out as always.
 */
import { keptSession } from "./stores/kept_session";

/** How long an answer is worth taking. Older ones may be out of date. */
const GOOD_MS = 20_000;

interface Sent {
  authorization: string;
  at: number;
  answer: Promise<Response>;
}
const sent = new Map<string, Sent>();

/** The addresses that the page will ask for first. A list's is that of its first page without filters. */
function firstAsked(hash: string): string[] {
  const feed = /^#\/feeds\/([0-9a-f]{24})\/?$/.exec(hash)?.[1];
  const page = "/special_feed/page/";
  return feed ? [`/special_feed/feed_list/${feed}?tier=strong&sort=time&start=0&size=10`, page] : [page];
}

/** Ask for what the first page will need. Without a session there is nothing to ask for. */
export function askEarly(): void {
  const { user, token } = keptSession();
  if (!user || !token) return;
  const authorization = `Basic ${btoa(`${user}:${token}`)}`;
  for (const path of firstAsked(location.hash)) {
    const answer = fetch(path, { headers: { Authorization: authorization }, cache: "no-store" });
    answer.catch(() => undefined); // who takes it asks again
    sent.set(new URL(path, location.href).href, { authorization, at: performance.now(), answer });
  }
}

/** A fetch that takes an answer that was asked for early, once, and asks otherwise. */
export const fetchOrTake: typeof fetch = (request, init) => {
  const found = request instanceof Request && request.method === "GET" ? sent.get(request.url) : undefined;
  if (!found || !(request instanceof Request)) return fetch(request, init);
  sent.delete(request.url);
  const isGood =
    found.authorization === request.headers.get("Authorization") && performance.now() - found.at < GOOD_MS;
  if (!isGood) return fetch(request, init);
  return Promise.race([
    found.answer.catch(() => fetch(request, init)),
    new Promise<never>((_done, failed) => {
      init?.signal?.addEventListener("abort", () => failed(new DOMException("given up", "AbortError")));
    }),
  ]);
};
