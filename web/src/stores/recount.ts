/**
 * What a list asks when somebody comes back to its page: its counts. Of 300 results that is 3 KB instead of 900.
 *
 * What came meanwhile is offered above the list. Where results were read or deleted in another window, those near the
 * screen are read again, and the others when they come near it.
 */
import { onUnmounted, watch } from "vue";
import { ApiError } from "../api/error";
import type { Item } from "../api/types";
import { isShared } from "./claims";
import { isRemoving } from "./outbox";
import { askPage, type ResultList } from "./results";

/** The largest page that the server gives. */
const MOST_AT_ONCE = 50;
/** How long rows must stay near the screen before they are read again; a fling passes many. */
const REST_MS = 300;

/** Lists whose counts are on their way. Coming back often shows twice: the page, and then its socket. */
const asking = new WeakSet<ResultList>();

/** Compare a list's counts with the server's, and read again what changed. A failure leaves the list as it is. */
export async function recount(list: ResultList): Promise<void> {
  if (!list.isLoaded || list.isLoading || asking.has(list) || isRemoving(list.feedId)) return;
  asking.add(list);
  const counted = list.counted;
  const key = JSON.stringify(list.filters);
  try {
    const answer = await askPage(list, 0, 1);
    // Something newer was asked for, or somebody removed whom the answer may have yet.
    if (list.isLoading || key !== JSON.stringify(list.filters) || counted !== list.counted) return;
    list.isMissing = answer.status === "no_feed";
    list.possible = answer.possible_count;
    const unread = answer.newest_recommend_count;
    const read = answer.total_recommend_count - unread;
    const readBefore = list.total - list.unread;
    // What comes is unread, and changes the number of those that were read by nothing.
    const isSame = read === readBefore && unread >= list.unread;
    if (!isSame) {
      const came = Math.max(0, unread - list.unread + Math.max(0, read - readBefore));
      list.counted++;
      Object.assign(list, { unread: unread - came, total: read + unread - came });
    }
    // Of whom colleagues are with no number tells.
    if (!isSame || isShared(list.feedId)) await rereadAll(list);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  } finally {
    asking.delete(list);
  }
}

/** Read every result of a list again: those near the screen now, the others when they come near it. */
export async function rereadAll(list: ResultList): Promise<void> {
  list.stale = new Set(list.items.map((item) => item.resume.id));
  await rereadNear(list);
}

const isDue = (list: ResultList, { resume }: Item): boolean =>
  list.stale.has(resume.id) && !list.rows.isFar(resume.id);

async function rereadNear(list: ResultList): Promise<void> {
  const due = list.items.flatMap((item, at) => (isDue(list, item) ? [at] : []));
  const [first, last] = [due[0], due[due.length - 1]];
  if (first === undefined || last === undefined) return;
  const tried = list.items.slice(first, last + 1).map((item) => item.resume.id);
  // What came meanwhile has moved the rows down.
  const { start, size } = pageAround(first, last + list.fresh);
  const filters = list.filters;
  const answer = await askPage(list, start, size);
  if (list.isLoading || filters !== list.filters) return; // the whole list is on its way, or another one is shown
  const before = list.items.length;
  list.items = patched(list.items, answer.data, start === 0, answer.next_start < 0);
  list.found -= before - list.items.length;
  for (const id of [...tried, ...answer.data.map((item) => item.resume.id)]) list.stale.delete(id);
}

/** The smallest page of the server's that has all places from the first to the last; the first such page of 50 else. */
export function pageAround(first: number, last: number): { start: number; size: number } {
  for (let size = Math.min(MOST_AT_ONCE, last - first + 1); size <= MOST_AT_ONCE; size++) {
    if (Math.floor(first / size) === Math.floor(last / size))
      return { start: Math.floor(first / size), size };
  }
  return { start: Math.floor(first / MOST_AT_ONCE), size: MOST_AT_ONCE };
}

/**
 * A list after a part of it was read again. What stands between two results of the answer and is not in it is gone.
 * Results that are new in the answer stay out: they are offered above the list.
 *
 * @param isFirst whether nothing comes before the answer
 * @param isLast whether nothing comes after it
 */
export function patched(items: Item[], answer: readonly Item[], isFirst: boolean, isLast: boolean): Item[] {
  const now = new Map(answer.map((item) => [item.resume.id, item]));
  const known = items.flatMap((item, at) => (now.has(item.resume.id) ? [at] : []));
  const from = isFirst ? 0 : (known[0] ?? items.length);
  const to = isLast ? items.length - 1 : (known[known.length - 1] ?? -1);
  return items
    .filter((item, at) => at < from || at > to || now.has(item.resume.id))
    .map((item) => Object.assign(item, now.get(item.resume.id)));
}

/** Read rows again that come near the screen and are not as they were. */
export function useRereading(list: ResultList): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => (list.stale.size ? list.items.filter((item) => isDue(list, item)).length : 0),
    (due) => {
      clearTimeout(timer);
      if (due) timer = setTimeout(() => void rereadNear(list).catch(() => undefined), REST_MS);
    },
  );
  onUnmounted(() => clearTimeout(timer));
}
