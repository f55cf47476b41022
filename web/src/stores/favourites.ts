/** The account's favourites, and the search in them. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getResumeFollowList } from "../api/generated/sdk.gen";
import type { FollowField, FollowItem, Item } from "../api/types";
import { itemOf } from "./keptItem";

const empty = () => ({
  field: "all" as FollowField,
  words: "",
  items: [] as FollowItem[],
  /** The search that found the items that are shown. */
  itemsBy: "",
  total: 0,
  next: 0,
  isLoaded: false,
  isLoading: false,
  failure: "",
});
const state = reactive(empty());
let newestAsked = 0;

export const favourites = state;

const searchKey = (): string => `${state.field} ${state.words}`;

async function read(start: number): Promise<void> {
  const asked = ++newestAsked;
  const searchedFor = searchKey();
  state.isLoading = true;
  try {
    const query = {
      start,
      size: 10,
      search_fields: state.field,
      ...(state.words && { keywords: state.words }),
    };
    const answer = await ask(getResumeFollowList({ query }));
    if (asked !== newestAsked) return;
    const known = new Set(start ? state.items.map((item) => item.resume.id) : []);
    const fresh = answer.data.filter((item) => !known.has(item.resume.id));
    state.items = start ? [...state.items, ...fresh] : fresh;
    state.itemsBy = searchedFor;
    Object.assign(state, { total: answer.total_count, next: answer.next_start, isLoaded: true, failure: "" });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked !== newestAsked) return;
    state.failure = error.message;
    // Items of another search would look like the results of this one.
    if (state.itemsBy !== searchKey()) state.items = [];
  } finally {
    if (asked === newestAsked) state.isLoading = false;
  }
}

export const loadFavourites = (): Promise<void> => read(0);
// Removed favourites have moved the following ones up, so the next page begins earlier. `read` drops doubles.
export const moreFavourites = (): Promise<void> =>
  read(Math.min(state.next, Math.floor(state.items.length / 10)));

/** Note that the favourites changed: they are read anew when they are shown next. */
export function staleFavourites(): void {
  state.isLoaded = false;
}

export function forgetFavourite(resumeId: string): void {
  const before = state.items.length;
  state.items = state.items.filter((item) => item.resume.id !== resumeId);
  state.total -= before - state.items.length;
}

/** A favourite that its feed does not list any more. It can still be shown, but has no score and no reasons. */
export function favouriteItem(resumeId: string): Item | null {
  const found = state.items.find((item) => item.resume.id === resumeId);
  if (!found) return null;
  const { add_time, keywords } = found;
  return { ...itemOf(found), favStatus: true, pub_time: add_time, calc_time: add_time, tags: keywords };
}

/** Forget the favourites of a session that ended. */
export function clearFavourites(): void {
  newestAsked++;
  Object.assign(state, empty());
}
