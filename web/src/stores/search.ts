/** The search over all feeds: by name, phone and e-mail once unlocked, by title, school and company. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { getResumesSearch } from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import { unread, useKeptList } from "./keptList";

/** Bound of the API. */
export const MAX_WORDS = 50;

const empty = () => ({
  ...unread<Item>(),
  words: "",
  /** The words by which those were found that are shown. */
  itemsBy: "",
  /** How many people were looked at. */
  searched: 0,
});
const state = reactive(empty());

export const search = state;

const pages = useKeptList(
  state,
  async ({ start, size }) => {
    const q = state.words.trim();
    const page = await ask(getResumesSearch({ query: { q, start, size } }));
    return { page, kept: { itemsBy: q, searched: page.searched_count } };
  },
  () => {
    if (state.itemsBy !== state.words.trim()) state.items = [];
  },
);
export const moreFound = pages.more;

/** Search for the words; without any, nobody is shown. */
export async function find(): Promise<void> {
  if (state.words.trim()) return pages.load();
  clearSearch();
}

/** Forget what was of a session that ended. */
export function clearSearch(): void {
  pages.drop();
  Object.assign(state, empty());
}
