/**
 * Who was called, and when to ask how that went: as soon as the recruiter is back on the page. A call leaves the page,
 * which WeChat may load anew after and anybody may close: so calls are kept in the browser, and asked about in any tab,
 * one after the other.
 */
import { watch } from "vue";
import type { Item } from "../api/types";
import { answer, asking } from "./asking";
import { askAbout } from "./decisions";
import { onReturn } from "./live";
import { readResult } from "./people";
import { knownItem } from "./results";
import { session } from "./session";

const KEY = "talentfeed.calls";
/** On a desk nothing covers the page while the phone rings: then it is asked after this long. */
const STAYED_MS = 2_500;
/** After a week nobody remembers a call. */
const LASTS_MS = 7 * 86_400_000;
/** Calls that are kept, the newest: who asks about more at once is answered by nobody. */
const MOST = 10;

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
  const others = keptCalls().filter((call) => call.resumeId !== resumeId);
  keep([...others, { user: session.user, feedId, resumeId, at: Date.now() }].slice(-MOST));
  clearTimeout(timer);
  timer = setTimeout(() => document.hasFocus() && void askAboutCall(), STAYED_MS);
}

/** Call somebody; how it went is asked as soon as one is back. */
export function dial(feedId: string, resumeId: string, phone: string, item?: Item | null): void {
  keepCall(feedId, resumeId, item);
  location.assign(`tel:${phone}`);
}

/** Whether this browser called somebody, and nobody was asked yet how that went. */
export const isCalled = (resumeId: string): boolean => keptCalls().some((call) => call.resumeId === resumeId);

/** The account's own, the newest last. */
function keptCalls(): Call[] {
  try {
    const calls = JSON.parse(localStorage.getItem(KEY) ?? "[]") as Call[];
    return calls.filter(({ user, at }) => user === session.user && Date.now() - at < LASTS_MS);
  } catch {
    return [];
  }
}

function keep(calls: readonly Call[]): void {
  try {
    if (calls.length) localStorage.setItem(KEY, JSON.stringify(calls));
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage nobody asks.
  }
}

const drop = (at: number): void => keep(keptCalls().filter((one) => one.at !== at));

/** Whether what came of a call was noted since, on another device: to the second, as marks are timed. */
const isNoted = ({ mark_log }: Item, at: number): boolean =>
  mark_log.some(({ by, mark_time }) => by.id === session.user && (mark_time + 1) * 1000 > at);

/** Of an account that logs out. */
export function forgetCalls(): void {
  clearTimeout(timer);
  keep([]);
}

let isAsking = false;
async function askAboutCall(): Promise<void> {
  clearTimeout(timer);
  if (isAsking || asking.question || document.visibilityState !== "visible") return;
  isAsking = true;
  let found: (Call & { item: Item }) | null = null;
  for (const call of keptCalls().reverse()) {
    const { feedId, resumeId } = call;
    const isShown = shown?.resume.id === resumeId;
    const item = isShown ? shown : await readResult(feedId, resumeId).catch(() => null);
    if (!item) continue; // offline, or gone from the list: that one is asked about with the next return
    if (isNoted(item, call.at)) drop(call.at);
    else {
      found = { ...call, item };
      break;
    }
  }
  isAsking = false;
  if (!found) return;
  const { feedId, item, at } = found;
  await askAbout(feedId, item, { calledAt: at, isSpokenTo: true });
  drop(at); // closed without an answer too: nobody is asked again
  await askAboutCall();
}

/** Whether the call that is asked about was answered in another tab. */
const isAnswered = (): boolean =>
  !!asking.question?.calledAt && keptCalls().every(({ at }) => at !== asking.question?.calledAt);

/** Ask when somebody comes back to the page, or opens it. */
export function followCalls(): void {
  const back = (): void => void askAboutCall();
  document.addEventListener("visibilitychange", back);
  addEventListener("focus", back);
  addEventListener("pageshow", back);
  onReturn(back);
  watch(() => session.token, back);
  addEventListener("storage", ({ key }) => {
    if (key === KEY && isAnswered()) answer(null);
  });
}
