/** Whom the account has marked, over all feeds, and whom to come back to today. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getResumesMarked } from "../api/generated/sdk.gen";
import type { Item, MarkedItem } from "../api/types";
import { itemOf } from "./keptItem";
import { session } from "./session";

const PAGE = 10;
/** The largest page that the server gives. */
const MOST_AT_ONCE = 50;

/** What is shown: those to come back to, all, or those of one mark. */
export type MarkedTab = { kind: "due" } | { kind: "all" } | { kind: "mark"; name: string };

const empty = () => ({
  tab: { kind: "due" } as MarkedTab,
  items: [] as MarkedItem[],
  marks: [] as { mark_name: string; count: number }[],
  total: 0,
  all: 0,
  due: 0,
  later: 0,
  next: 0,
  isLoaded: false,
  isLoading: false,
  failure: "",
});
const state = reactive(empty());
let newestAsked = 0;

export const marked = state;

async function read(start: number, size = PAGE): Promise<void> {
  const asked = ++newestAsked;
  const { tab } = state;
  state.isLoading = true;
  try {
    const query = {
      start,
      size,
      ...(tab.kind === "due" && { remind: 1 as const }),
      ...(tab.kind === "mark" && { mark_name: tab.name }),
    };
    const answer = await ask(getResumesMarked({ query }));
    if (asked !== newestAsked) return;
    const known = new Set(start ? state.items.map((item) => item.resume.id) : []);
    const fresh = answer.data.filter((item) => !known.has(item.resume.id));
    state.items = start ? [...state.items, ...fresh] : fresh;
    Object.assign(state, {
      marks: answer.marks,
      total: answer.total_count,
      all: answer.marked_count,
      due: answer.due_count,
      later: answer.later_count,
      next: answer.next_start < 0 ? -1 : Math.floor(state.items.length / PAGE),
      isLoaded: true,
      failure: "",
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked === newestAsked) state.failure = error.message;
  } finally {
    if (asked === newestAsked) state.isLoading = false;
  }
}

/** Read the list anew, as much of it as is shown and one answer holds. */
export const loadMarked = (): Promise<void> =>
  read(0, Math.min(MOST_AT_ONCE, Math.max(PAGE, Math.ceil(state.items.length / PAGE) * PAGE)));
// Those that left the list have moved the following ones up, so the next page begins earlier. `read` drops doubles.
export const moreMarked = (): Promise<void> =>
  read(Math.min(state.next, Math.floor(state.items.length / PAGE)));

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
export function staleMarked(): void {
  state.isLoaded = false;
}

/** A marked person whom no list has any more. They can still be shown, but have no score and no reasons. */
export function markedItem(resumeId: string): Item | null {
  const found = state.items.find((item) => item.resume.id === resumeId);
  if (!found) return null;
  const { mark_log, comment_log, favStatus } = found;
  return { ...itemOf(found), mark_log, comment_log, favStatus };
}

export function clearMarked(): void {
  newestAsked++;
  Object.assign(state, empty());
}
