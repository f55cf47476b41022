/** What came of people: noted at once, wherever it was asked, and taken back as easily. */
import { shallowReactive } from "vue";
import type { Item } from "../api/types";
import { positionOf } from "../text/format";
import { UNFIT } from "../text/words";
import { isOutcome, type NewMark } from "./acts";
import { askOutcome, asking, type Decision, type Question } from "./asking";
import { acts, isRefused, post } from "./outbox";
import { remove } from "./removals";
import { attempt, offerUndo } from "./snack";

export interface Decided {
  feedId: string;
  item: Item;
  decision: Decision;
}

interface Listener {
  decided: (made: Decided) => void;
  undone: (made: Decided) => void;
}
const listeners = new Set<Listener>();

/** What was done last, and how it is taken back. */
export const lastDecision = shallowReactive({ text: "", undo: null as (() => Promise<void>) | null });

/** Tell `listener` of each decision. Returns a function that ends it. */
export function onDecision(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A person in words: by name once that is known. */
export const whoIs = (item: Item): string => item.contact_info.name || positionOf(item.resume);

/** Note what came of a person. Who was spoken to and does not fit is marked, too; who was only looked at just goes. */
export function decide(feedId: string, item: Item, decision: Decision, isSpokenTo = false): void {
  const resumeId = item.resume.id;
  const who = whoIs(item);
  const made = { feedId, item, decision };
  const isUnfit = decision.name === UNFIT;
  const undos: (() => Promise<unknown>)[] = [];
  if (!isUnfit || isSpokenTo || item.mark_log.length) undos.push(mark(feedId, resumeId, who, decision));
  if (decision.words) undos.push(comment(feedId, resumeId, who, `${UNFIT}：${decision.words}`));
  if (isUnfit) undos.push(remove(feedId, resumeId, who, decision.reasons ?? []));
  const undo = async (): Promise<void> => {
    // One that fails is tried again, and what was taken back before it is not.
    for (let one = undos[undos.length - 1]; one; one = undos[undos.length - 1]) {
      await one();
      undos.pop();
    }
    listeners.forEach((listener) => listener.undone(made));
    if (lastDecision.undo === undo) lastDecision.undo = null;
  };
  const text = `${isUnfit ? "已移出" : decision.name}：${who}`;
  Object.assign(lastDecision, { text, undo });
  listeners.forEach((listener) => listener.decided(made));
  offerUndo(text, undo);
}

/** Ask what came of a person, and note it; null where nothing was said. */
export async function askAbout(
  feedId: string,
  item: Item,
  { calledAt = 0, asksWhy = false, isSpokenTo = false }: Partial<Question> & { isSpokenTo?: boolean },
): Promise<Decision | null> {
  const phone = item.contact_info.phone ?? "";
  const decision = await askOutcome({ who: whoIs(item), phone, calledAt, asksWhy });
  if (decision) decide(feedId, item, decision, isSpokenTo);
  return decision;
}

export async function undoLast(): Promise<void> {
  if (lastDecision.undo) await attempt(lastDecision.undo);
}

export function forgetLast(): void {
  lastDecision.undo = null;
}

/** Set a mark; returns how to take it back. */
function mark(feedId: string, resumeId: string, who: string, made: NewMark): () => Promise<unknown> {
  const { name, isGood, remind, interview } = made;
  const posted = post({ kind: "mark", feedId, resumeId, who, name, isGood, remind, interview });
  const markId = posted.answer.then((found) => {
    const log = found.mark_log ?? [];
    return log[log.length - 1]?.id ?? "";
  });
  markId.catch(() => undefined);
  if (interview) asking.invited = { who, resumeId, markId };
  return async () => {
    if (await posted.withdraw()) return;
    const id = await markId;
    if (id) post({ kind: "markChange", feedId, resumeId, who, noteId: id, change: { taken_back: true } });
  };
}

/** Note something; returns how to take it back. */
export function comment(
  feedId: string,
  resumeId: string,
  who: string,
  content: string,
): () => Promise<unknown> {
  const posted = post({ kind: "comment", feedId, resumeId, who, content });
  const noteId = posted.answer.then((found) => {
    const log = found.comment_log ?? [];
    return log[log.length - 1]?.id ?? "";
  });
  noteId.catch(() => undefined);
  return async () => {
    if (await posted.withdraw()) return;
    const id = await noteId;
    if (id) post({ kind: "commentChange", feedId, resumeId, who, noteId: id, change: { taken_back: true } });
  };
}

/** About whom something was decided in a feed that is not sent yet. */
export const decidedIn = (feedId: string): string[] =>
  acts.value
    .filter((act) => act.feedId === feedId && isOutcome(act) && !isRefused(act))
    .flatMap((act) => (act.kind === "many" ? act.resumeIds : [act.resumeId]));
