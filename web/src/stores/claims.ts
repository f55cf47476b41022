/**
 * Who is with whom: who opens a resume of a feed that colleagues share is seen by them, and whom one of the company calls is
 * called by nobody else, from wherever. A claim ends by itself, so what is lost here is nobody's for long.
 */
import { onUnmounted, watch } from "vue";
import { ask } from "../api/ask";
import { postResumesClaimResumeId, postResumesReleaseResumeId } from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import { isCalled } from "./calls";
import { whoIs } from "./decisions";
import { feedOf, mayWork } from "./feeds";
import { onClaim } from "./live";
import { knownItem, patchPerson } from "./results";
import { session } from "./session";
import { say } from "./snack";

/** A look is for two minutes. */
const AGAIN_MS = 90_000;

type Place = { feedId: string; resumeId: string };

/** Whom this page is with: nobody else's claim is ended by leaving. */
let held: Place | null = null;
/** Whom this page called last, and how often it has called. */
let called = "";
let calls = 0;

let isHearing = false;
/** Have what the socket tells change whoever is shown. */
export function hearClaims(): void {
  if (isHearing) return;
  isHearing = true;
  onClaim((frame) => {
    if (frame.type === "claim") {
      const { by, kind, until, comment_log } = frame;
      const claim = by && kind ? { by, kind, until } : null;
      patchPerson(frame.resume_id, { claim, ...(comment_log && { comment_log }) });
    } else if (
      ([held?.resumeId, called].includes(frame.resume_id) || isCalled(frame.resume_id)) &&
      frame.by.id !== session.user
    ) {
      const item = knownItem(frame.feed_id, frame.resume_id);
      say(`${frame.by.name}也想联系你正在处理的${item ? ` ${whoIs(item)}` : "人"}`);
    }
  });
}

/** Whether colleagues work in a feed, and this account too. */
export function isShared(feedId: string): boolean {
  const feed = feedOf(feedId);
  return !!feed && feed.role !== "view" && feed.members.length > 0;
}

type Marked = Pick<Item, "mark_log">;

/** Whether a mark is a colleague's that is not shown yet. */
const isNews = (mark: Item["mark_log"][number], item: Marked | null): boolean =>
  !!item && mark.by.id !== session.user && !item.mark_log.some(({ id }) => id === mark.id);

/** The colleague who is with a person; null for nobody. */
export function colleagueWith(item: Item | null, now = Date.now()): Item["claim"] {
  const claim = item?.claim ?? null;
  return claim && claim.by.id !== session.user && claim.until * 1000 > now ? claim : null;
}

export const claimText = ({ by, kind }: NonNullable<Item["claim"]>): string =>
  `${by.name}正在${kind === "call" ? "联系" : "查看"}`;

async function claim({ feedId, resumeId }: Place, kind: "look" | "call", asks = false) {
  const body = { feed_id: feedId, kind, ask: asks ? 1 : 0 } as const;
  const answer = await ask(postResumesClaimResumeId({ path: { resume_id: resumeId }, body }), [
    "ok",
    "claimed",
  ]);
  patchPerson(resumeId, { claim: { by: answer.by, kind: answer.kind, until: answer.until } });
  return answer;
}

/** Be with who is shown for as long as they are, where colleagues work in the feed. */
export function useClaim(place: () => Place): void {
  let mine: Place | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;
  const look = async (shown: Place): Promise<void> => {
    if (document.visibilityState !== "visible") return;
    const before = calls;
    const answer = await claim(shown, "look").catch(() => null);
    if (answer?.status !== "ok" || answer.kind !== "look") return;
    if (calls !== before) return; // they were called meanwhile, which goes on when they are left
    if (mine === shown) held = shown;
    else void release(shown); // it was left meanwhile
  };
  const leave = (): void => {
    clearInterval(timer);
    if (mine && held === mine) {
      void release(mine);
      held = null;
    }
    mine = null;
  };
  watch(
    // A resume may be opened before the feeds are here.
    // Each for itself: what is shown of a person changes with the claim, and they stay who they are.
    [() => place().feedId, () => place().resumeId, () => isShared(place().feedId)],
    ([feedId, resumeId, isOurs]) => {
      leave();
      if (!resumeId || !isOurs) return;
      const shown = (mine = { feedId, resumeId });
      void look(shown);
      timer = setInterval(() => void look(shown), AGAIN_MS);
    },
    { immediate: true },
  );
  onUnmounted(leave);
}

/** End a claim; where that does not get through, it ends by its time. */
const release = ({ resumeId }: Place): Promise<unknown> =>
  ask(postResumesReleaseResumeId({ path: { resume_id: resumeId } })).catch(() => undefined);

/**
 * Whether somebody may be called: no colleague is with them, or has noted something since they were read. Who is with them is
 * told that one asks.
 */
export async function mayCall(place: Place, item: Marked | null): Promise<boolean> {
  if (!mayWork(place.feedId)) return true;
  hearClaims(); // who asks meanwhile is said, also where no claims are shown
  calls++;
  const answer = await claim(place, "call", true).catch(() => null);
  if (!answer) return true; // offline one may call all the same
  const last = answer.mark_log.at(-1);
  if (answer.status === "ok" && last && isNews(last, item)) {
    void release(place);
    patchPerson(place.resumeId, { mark_log: answer.mark_log });
    say(`${last.by.name}刚标记了“${last.mark_name}”，请看过再打`);
    return false;
  }
  if (answer.status === "ok") {
    called = place.resumeId;
    if (held?.resumeId === place.resumeId) held = null; // a call goes on when the page is left
    return true;
  }
  say(`${claimText(answer)}，已告诉对方你也想联系`);
  return false;
}
