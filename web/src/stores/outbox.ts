/**
 * What the recruiter did with people and the server does not know yet. It is kept in this browser and goes out in order
 * when the network is back, also after a reload. Each act has a name of its own (`client_id`): where an answer was lost,
 * it is sent again and not done twice.
 *
 *     const posted = post({ kind: "comment", resumeId, feedId, who, content });
 *     if (!(await posted.withdraw())) ...   // it was sent already
 *
 * What the server refuses stays, with its words, until the recruiter tries again or drops it.
 */
import { computed, reactive } from "vue";
import { ApiError } from "../api/error";
import { newClientId } from "../clientId";
import { type Act, type Delivered, isAbout, isRemoval, send, type What, type Whom } from "./acts";
import { dropAct, isKept, keepAct, keptActs } from "./outboxStore";
import { session } from "./session";
import { wordsOf } from "./snack";

export interface Posted {
  /** The act's `client_id`. */
  id: string;
  /** Rejects where the server refuses it. */
  answer: Promise<Delivered>;
  /** Take it out unless it is on its way or was sent. Returns whether it will never be. */
  withdraw: () => Promise<boolean>;
}

/** Failures that another try gets over. */
const PASSING = ["network", "unavailable", "too_many", "unreadable"];
/** What may be sent once more by its `client_id`. */
const REPEATABLE: readonly Act["kind"][] = ["mark", "comment", "many"];
/** How long to wait before the next try: twice as long each time. */
const FIRST_RETRY_MS = 3_000;
const LONGEST_RETRY_MS = 60_000;

const state = reactive({ acts: [] as Act[], sending: "" });
const outcomes = new Map<string, (answer: Delivered | ApiError) => void>();
const listeners: ((act: Act, answer: Delivered | ApiError) => void)[] = [];
/** Those that no store has, and that nobody but this page knows. */
const unkept = new Set<string>();
/** Those that are done with here: what was read from the store before that must not bring them back. */
const done = new Set<string>();
let isBusy = false;
/** Something came while it was about to end. */
let isAskedAgain = false;
let retry: ReturnType<typeof setTimeout> | undefined;
let wait = FIRST_RETRY_MS;

/** The account's own, the oldest first. */
export const acts = computed(() => state.acts.filter((act) => act.user === session.user));
export const actsOn = (resumeId: string): Act[] => acts.value.filter((act) => isAbout(act, resumeId));
export const isRefused = (act: Act): boolean => act.refusal !== "";

/** Whether somebody is on their way into the favourites, or out of them; undefined where nothing waits. */
export function favouriteToBe(resumeId: string): boolean | undefined {
  const waiting = actsOn(resumeId).flatMap((act) =>
    act.kind === "favourite" && !isRefused(act) ? [act.isOn] : [],
  );
  return waiting[waiting.length - 1];
}

/** Whether somebody is on their way out of a feed's list: its counts are not those of the server then. */
export const isRemoving = (feedId: string): boolean =>
  acts.value.some((act) => isRemoval(act) && act.feedId === feedId && !isRefused(act));

/** Call `listener` with each act that was answered. */
export function onDelivered(listener: (act: Act, answer: Delivered | ApiError) => void): void {
  listeners.push(listener);
}

export function post(what: What & Whom): Posted {
  const last = state.acts[state.acts.length - 1]?.at ?? 0;
  const at = Math.max(Date.now(), last + 1);
  const act: Act = { ...what, id: newClientId(), user: session.user, at, refusal: "" };
  state.acts.push(act);
  unkept.add(act.id);
  const answer = new Promise<Delivered>((resolve, reject) =>
    outcomes.set(act.id, (found) => (found instanceof ApiError ? reject(found) : resolve(found))),
  );
  answer.catch(() => undefined); // whoever does not ask is told by the snack
  void keepAct(act).then((hasStore) => {
    if (hasStore) unkept.delete(act.id);
    void flush();
  });
  return {
    id: act.id,
    answer,
    withdraw: () =>
      alone(act.id, { ifAvailable: true }, async (isAlone) => {
        const isHere = isAlone && state.sending !== act.id && state.acts.some((one) => one.id === act.id);
        if (!isHere || !(await isWaiting(act.id))) {
          void flush(); // another tab has sent it, or does now
          return false;
        }
        await discard(act.id);
        return true;
      }),
  };
}

/** Post an act. Returns how to undo it: one that was not sent never is, else `back` is posted. */
export function postUndoable(what: What & Whom, back: What): () => Promise<void> {
  const { feedId, resumeId, who } = what;
  const posted = post(what);
  return async () => {
    if (!(await posted.withdraw())) post({ ...back, feedId, resumeId, who });
  };
}

/** Forget an act, which is never sent. */
export async function discard(id: string): Promise<void> {
  state.acts = state.acts.filter((act) => act.id !== id);
  outcomes.delete(id);
  done.add(id);
  await dropAct(id);
}

/** Do something about an act that no other tab sends or withdraws meanwhile; `isAlone` is false where one does, and there is no waiting. */
async function alone<T>(
  id: string,
  options: LockOptions,
  work: (isAlone: boolean) => Promise<T>,
): Promise<T> {
  if (!navigator.locks) return work(true);
  return await navigator.locks.request(`talentfeed.act.${id}`, options, (lock) => work(lock !== null));
}

/** Whether nobody has sent an act, as far as the store knows. */
const isWaiting = async (id: string): Promise<boolean> => unkept.has(id) || (await isKept(id));

/** Try once more what was refused. */
export async function tryAgain(id: string): Promise<void> {
  const act = state.acts.find((one) => one.id === id);
  if (!act) return;
  act.refusal = "";
  await keepAct(act);
  await flush();
}

/** Send what waits, one after the other. Of several tabs one does at a time, where the browser can arrange that. */
export async function flush(): Promise<void> {
  isAskedAgain = isBusy;
  if (isBusy || !session.token) return;
  isBusy = true;
  clearTimeout(retry);
  try {
    await (navigator.locks ? navigator.locks.request("talentfeed.outbox", sendAll) : sendAll());
  } finally {
    isBusy = false;
  }
  if (isAskedAgain) await flush();
}

async function sendAll(): Promise<void> {
  await takeKept();
  for (;;) {
    const act = acts.value.find((one) => !isRefused(one));
    if (!act || !session.token) return;
    state.sending = act.id;
    try {
      await alone(act.id, {}, async () => {
        if (await isWaiting(act.id)) await settle(act, await send(act));
        else await takeKept(); // it was withdrawn in another tab
      });
      wait = FIRST_RETRY_MS;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!session.token) return;
      if (PASSING.includes(error.status)) {
        retry = setTimeout(() => void flush(), wait);
        wait = Math.min(LONGEST_RETRY_MS, wait * 2);
        return;
      }
      act.refusal = wordsOf(error);
      void keepAct(act);
      listeners.forEach((listener) => listener(act, error));
      outcomes.get(act.id)?.(error);
    } finally {
      state.sending = "";
    }
  }
}

/** Take in what other tabs and earlier pages left, and let go of what other tabs have sent. */
async function takeKept(): Promise<void> {
  const kept = await keptActs<Act>();
  if (!kept) return;
  const known = new Set(state.acts.map((act) => act.id));
  const ids = new Set(kept.map((act) => act.id));
  // Who waits for an answer gets it from the server, which gives the same one again.
  for (const { id, kind } of state.acts) {
    if (!ids.has(id) && outcomes.has(id) && REPEATABLE.includes(kind)) unkept.add(id);
  }
  const gone = state.acts.filter((act) => !ids.has(act.id) && !unkept.has(act.id));
  gone.forEach((act) => outcomes.get(act.id)?.({}));
  state.acts = [
    ...state.acts.filter((act) => !gone.includes(act)),
    ...kept.filter((act) => !known.has(act.id) && !done.has(act.id)),
  ].sort((one, other) => one.at - other.at);
}

async function settle(act: Act, answer: Delivered): Promise<void> {
  listeners.forEach((listener) => listener(act, answer));
  outcomes.get(act.id)?.(answer);
  await discard(act.id);
}
