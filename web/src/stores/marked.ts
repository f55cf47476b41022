/** Whom the account has marked, over all feeds, and whom to come back to today. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { getResumesMarked } from "../api/generated/sdk.gen";
import type { Item, MarkedItem } from "../api/types";
import { workBy } from "../funnel";
import { itemOf } from "./keptItem";
import { unread, useKeptList } from "./keptList";
import { session } from "./session";
import { dayAhead } from "../text/format";

/** What is shown: those to come back to, all, or those of one mark. */
export type MarkedTab = { kind: "due" } | { kind: "all" } | { kind: "mark"; name: string };

const empty = () => ({
  ...unread<MarkedItem>(),
  tab: { kind: "due" } as MarkedTab,
  words: "",
  marks: [] as { mark_name: string; count: number }[],
  all: 0,
  due: 0,
  later: 0,
  /** The day on which they were due. */
  day: "",
});
const state = reactive(empty());

export const marked = state;

const pages = useKeptList(state, async ({ start, size }) => {
  const { tab } = state;
  const day = dayAhead(0);
  const query = {
    start,
    size,
    ...(tab.kind === "due" && { remind: 1 as const }),
    ...(tab.kind === "mark" && { mark_name: tab.name }),
    ...(state.words.trim() && { q: state.words.trim() }),
  };
  const page = await ask(getResumesMarked({ query }));
  const { marks, marked_count: all, due_count: due, later_count: later } = page;
  return { page, kept: { marks, all, due, later, day } };
});
export const loadMarked = pages.loadShown;
export const moreMarked = pages.more;

export function showTab(tab: MarkedTab): Promise<void> {
  Object.assign(state, { tab, items: [], isLoaded: false });
  return loadMarked();
}

/** How many to come back to today, for the badge; read once, and anew after a change of a mark. */
export async function loadDue(): Promise<void> {
  if (!session.token || state.isLoaded || state.isLoading) return;
  await loadMarked();
}

/** Note that marks changed: they are read anew when they are shown next. */
export const staleMarked = pages.stale;

/** On another day others are due: a page that stays open over the night would not remind of them. */
export function staleOnNewDay(): void {
  if (state.isLoaded && state.day !== dayAhead(0)) staleMarked();
}

/** A marked person whom no list has any more. They can still be shown, but have no score and no reasons. */
export function markedItem(resumeId: string): Item | null {
  const found = state.items.find((item) => item.resume.id === resumeId);
  if (!found) return null;
  return markedAsItem(found);
}

/** A marked person as an entry of a list. */
export function markedAsItem(found: MarkedItem): Item {
  const { mark_log, comment_log, favStatus } = found;
  return { ...itemOf(found), mark_log, comment_log, favStatus, work: workBy(mark_log) };
}

/** Forget what was of a session that ended. */
export function clearMarked(): void {
  pages.drop();
  Object.assign(state, empty());
}
