/** The people behind the funnel. They are kept while one of them is opened, and read anew each time it is shown. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import {
  getResumesMarked,
  getSpecialFeedFeedListFeedId,
  getSpecialFeedStatisticsFeedId,
} from "../api/generated/sdk.gen";
import type { Item, MarkedItem } from "../api/types";
import { type Cut, dayOfWeek, weekOf } from "../funnel";
import { feeds, loadFeeds } from "./feeds";
import { onSessionEnd } from "./session";

const PAGE = 50;
/** People who are counted, the latest marked: their marks come with their resumes. */
export const MOST_COUNTED = 1_000;
/** People who were looked at that are listed. */
export const MOST_LOOKED = 200;

const empty = () => ({
  people: [] as MarkedItem[],
  /** How many people of each feed were looked at: in all under 0, and by the week in which they were first. */
  seen: {} as Record<string, Record<number, number>>,
  isWhole: true,
  isLoaded: false,
  failure: "",
});
const state = reactive(empty());
export const funnel = state;
let newest = 0;
let ends = false;

async function readPeople(): Promise<{ people: MarkedItem[]; isWhole: boolean }> {
  const people = new Map<string, MarkedItem>();
  let start = 0;
  while (start >= 0 && start < MOST_COUNTED / PAGE) {
    const page = await ask(getResumesMarked({ query: { start, size: PAGE } }));
    for (const one of page.data) people.set(one.resume.id, one);
    start = page.next_start;
  }
  return { people: [...people.values()], isWhole: start < 0 };
}

async function readSeen(): Promise<typeof state.seen> {
  if (!feeds.isLoaded) await loadFeeds();
  const seen: typeof state.seen = {};
  for (const { id } of feeds.all) {
    const { data } = await ask(getSpecialFeedStatisticsFeedId({ path: { feed_id: id }, query: { days: 7 } }));
    const weeks = data.looked.map(({ week, count }) => [weekOf(Date.parse(week) / 1000), count]);
    seen[id] = { 0: data.funnel[0]?.count ?? 0, ...Object.fromEntries(weeks) };
  }
  return seen;
}

/** The people who were looked at, within a feed and a week, removed ones among them; some, where there are very many. */
export async function readLooked({ feedId, week }: Cut): Promise<Item[]> {
  const found: Item[] = [];
  for (const { id } of feeds.all) {
    if ((feedId && id !== feedId) || !state.seen[id]?.[week]) continue;
    for (const removed of [0, 1] as const) {
      const which = week ? { looked: dayOfWeek(week) } : removed ? {} : ({ read: 1 } as const);
      let start = 0;
      while (start >= 0 && found.length < MOST_LOOKED) {
        const query = { tier: "all", removed, ...which, start, size: PAGE } as const;
        const page = await ask(getSpecialFeedFeedListFeedId({ path: { feed_id: id }, query }));
        found.push(...page.data);
        start = page.next_start;
      }
    }
  }
  return found.slice(0, MOST_LOOKED);
}

export async function loadFunnel(): Promise<void> {
  if (!ends) onSessionEnd(clearFunnel);
  ends = true;
  const asked = ++newest;
  state.failure = "";
  try {
    const [read, seen] = await Promise.all([readPeople(), readSeen()]);
    if (asked === newest) Object.assign(state, { ...read, seen, isLoaded: true });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (asked === newest) state.failure = error.message;
  }
}

/** Forget the people of a session that ended. */
function clearFunnel(): void {
  newest++;
  Object.assign(state, empty());
}
