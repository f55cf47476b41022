/**
 * Who is being called, and when to ask how that went: as soon as the recruiter is back on the page. A call leaves the page,
 * which WeChat may load anew after and anybody may close: so it is kept in the browser, and asked about in any tab.
 */
import { watch } from "vue";
import type { Item } from "../api/types";
import { answer, asking } from "./asking";
import { askAbout } from "./decisions";
import { onReturn } from "./live";
import { readResult } from "./people";
import { knownItem } from "./results";
import { session } from "./session";

const KEY = "talentfeed.call";
/** On a desk nothing covers the page while the phone rings: then it is asked after this long. */
const STAYED_MS = 2_500;
/** After a week nobody remembers the call. */
const LASTS_MS = 7 * 86_400_000;

interface Call {
  user: string;
  feedId: string;
  resumeId: string;
  at: number;
}

/** Whom this page has called, as it showed them: offline nobody could be asked for. */
let shown: Item | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Kept before the phone takes over. */
function keepCall(feedId: string, resumeId: string, item = knownItem(feedId, resumeId)): void {
  shown = item;
  try {
    const call: Call = { user: session.user, feedId, resumeId, at: Date.now() };
    localStorage.setItem(KEY, JSON.stringify(call));
  } catch {
    // Without storage nobody asks.
  }
  clearTimeout(timer);
  timer = setTimeout(() => document.hasFocus() && void askAboutCall(), STAYED_MS);
}

/** Call somebody; how it went is asked as soon as one is back. */
export function dial(feedId: string, resumeId: string, phone: string, item?: Item | null): void {
  keepCall(feedId, resumeId, item);
  location.assign(`tel:${phone}`);
}

/** Whom this browser called last, as long as nobody was asked how that went. */
export const calledLast = (): string | undefined => keptCall()?.resumeId;

function keptCall(): Call | null {
  try {
    const call = JSON.parse(localStorage.getItem(KEY) ?? "null") as Call | null;
    return call && call.user === session.user && Date.now() - call.at < LASTS_MS ? call : null;
  } catch {
    return null;
  }
}

export function forgetCall(): void {
  clearTimeout(timer);
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Without storage nothing was kept.
  }
}

let isAsking = false;
async function askAboutCall(): Promise<void> {
  clearTimeout(timer);
  const call = keptCall();
  if (!call || isAsking || asking.question || document.visibilityState !== "visible") return;
  isAsking = true;
  const { feedId, resumeId, at } = call;
  const item = shown?.resume.id === resumeId ? shown : await readResult(feedId, resumeId).catch(() => null);
  isAsking = false;
  if (!item) return; // offline, or gone from the list: it is asked with the next return
  await askAbout(feedId, item, { calledAt: at, isSpokenTo: true });
  if (keptCall()?.at === at) forgetCall(); // closed without an answer too: nobody is asked again
}

/** Ask when somebody comes back to the page, or opens it. */
export function followCalls(): void {
  const back = (): void => void askAboutCall();
  document.addEventListener("visibilitychange", back);
  addEventListener("focus", back);
  addEventListener("pageshow", back);
  onReturn(back);
  watch(() => session.token, back);
  addEventListener("storage", ({ key, newValue }) => {
    if (key === KEY && newValue === null && asking.question?.calledAt) answer(null); // answered in another tab
  });
}
