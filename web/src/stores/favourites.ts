/** The account's favourites, and the search in them. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { getResumeFollowList } from "../api/generated/sdk.gen";
import type { FollowField, FollowItem, Item } from "../api/types";
import { itemOf } from "./keptItem";
import { unread, useKeptList } from "./keptList";

const empty = () => ({
  ...unread<FollowItem>(),
  field: "all" as FollowField,
  words: "",
  /** The search that found the items that are shown. */
  itemsBy: "",
});
const state = reactive(empty());

export const favourites = state;

const searchKey = (): string => `${state.field} ${state.words}`;

const pages = useKeptList(
  state,
  async ({ start, size }) => {
    const itemsBy = searchKey();
    const query = {
      start,
      size,
      search_fields: state.field,
      ...(state.words && { keywords: state.words }),
    };
    return { page: await ask(getResumeFollowList({ query })), kept: { itemsBy } };
  },
  () => {
    // Items of another search would look like the results of this one.
    if (state.itemsBy !== searchKey()) state.items = [];
  },
);
export const loadFavourites = pages.load;
export const moreFavourites = pages.more;

/** Note that the favourites changed: they are read anew when they are shown next. */
export const staleFavourites = pages.stale;

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
  pages.drop();
  Object.assign(state, empty());
}
