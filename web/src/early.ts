/**
 * What the first page asks the server, sent while its scripts are still on their way.
 *
 * On a slow network the scripts take a second. The list of a feed, or the feeds, come within that second, and are
 * there when the page asks for them. Whatever it asks otherwise goes out as always.
 */
import { keptSession } from "./stores/kept_session";

/** How long after its start the page may take what was asked for early. What is asked later wants what is true then. */
const GOOD_MS = 5_000;

interface Sent {
  authorization: string;
  answer: Promise<Response>;
}
const sent = new Map<string, Sent>();
let hasPageBegun = false;

/** The addresses that the page will ask for first. A list's is that of its first page without filters. */
function firstAsked(hash: string): string[] {
  const feed = /^#\/feeds\/([0-9a-f]{24})\/?$/.exec(hash)?.[1];
  const page = "/special_feed/page/";
  return feed ? [`/special_feed/feed_list/${feed}?tier=strong&sort=time&start=0&size=10`, page] : [page];
}

/** Ask for what the first page will need. Without a session there is nothing to ask for. */
export function askEarly(): void {
  const { user, token } = keptSession();
  // Scripts that the browser has kept may run in another order.
  if (!user || !token || hasPageBegun) return;
  const authorization = `Basic ${btoa(`${user}:${token}`)}`;
  for (const path of firstAsked(location.hash)) {
    const answer = fetch(path, { headers: { Authorization: authorization }, cache: "no-store" });
    answer.catch(() => undefined); // who takes it asks again
    sent.set(new URL(path, location.href).href, { authorization, answer });
  }
}

/** The page begins. Returns a fetch that takes an answer that was asked for early, once, and asks otherwise. */
export function takeEarly(): typeof fetch {
  hasPageBegun = true;
  setTimeout(() => sent.clear(), GOOD_MS);
  return (request, init) => {
    const found = request instanceof Request && foundFor(request);
    return found
      ? orAborted(
          found.answer.catch(() => fetch(request, init)),
          init?.signal,
        )
      : fetch(request, init);
  };
}

function foundFor(request: Request): Sent | undefined {
  if (request.method !== "GET") sent.clear(); // it may change what was answered
  const found = sent.get(request.url);
  sent.delete(request.url);
  return found?.authorization === request.headers.get("Authorization") ? found : undefined;
}

function orAborted<T>(work: Promise<T>, signal?: AbortSignal | null): Promise<T> {
  const aborted = new Promise<never>((_done, failed) =>
    signal?.addEventListener("abort", () => failed(new DOMException("given up", "AbortError"))),
  );
  return Promise.race([work, aborted]);
}
