/** One search over the lists of all feeds. What it found stays until it is left for good: Back finds it as it was. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { getResumesSearch } from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import { unread, useKeptList } from "./keptList";

/** The API's longest. */
export const MOST_WORDS = 50;
/** People that the server looks at. */
export const MOST_PEOPLE = 1_000;

const empty = () => ({
  ...unread<Item>(),
  words: "",
  /** What the people were found by that are shown. */
  foundBy: "",
  searched: 0,
});
const state = reactive(empty());

export const search = state;

const pages = useKeptList(
  state,
  async (query) => {
    const q = state.words;
    if (!q) return { page: { data: [], total_count: 0, next_start: -1 }, kept: { foundBy: q, searched: 0 } };
    const page = await ask(getResumesSearch({ query: { q, ...query } }));
    return { page, kept: { foundBy: q, searched: page.searched_count } };
  },
  () => {
    // People of another search would look like the results of this one.
    if (state.foundBy !== state.words) state.items = [];
  },
);
export const loadSearch = pages.loadShown;
export const moreSearch = pages.more;

/** Note that somebody changed: whoever was found is read anew when they are shown next. */
export const staleSearch = pages.stale;

/** Search for words, unless what is shown was found by them. */
export function searchFor(text: string): void {
  const words = text.trim().slice(0, MOST_WORDS);
  if (words !== state.words) Object.assign(state, { words, isLoaded: false });
  if (!state.isLoaded) void (state.foundBy === words ? pages.loadShown() : pages.load());
}

/** Forget the search of a session that ended. */
export function clearSearch(): void {
  pages.drop();
  Object.assign(state, empty());
}
