/** Results that leave their list, and come back to it: in the list that is shown, in its counts, and at the server. */
import type { Item } from "../api/types";
import { post } from "./outbox";
import { isInBadge, keptList, refresh, type ResultList } from "./results";

/**
 * Delete a result from its list, at once; the server is told as soon as it can be. What it refuses comes back.
 *
 * @returns a function that restores it at its place
 */
export function remove(
  feedId: string,
  resumeId: string,
  who: string,
  reasons: readonly string[],
): () => Promise<void> {
  const list = keptList(feedId);
  const at = list?.items.findIndex((one) => one.resume.id === resumeId) ?? -1;
  const item = list?.items[at];
  // Among the removed ones it stays, and it is counted no more.
  const isCounted = item !== undefined && !item.removed_time;
  const before = item && { ...item };
  if (list && isCounted) {
    list.items = list.items.filter((one) => one.resume.id !== resumeId);
    addToCounts(list, list.counted, -1, item);
    list.counted++; // counts that are on their way may be from before
  }
  const putBack = (counted = keptList(feedId)?.counted): void => {
    const now = keptList(feedId);
    if (!now || !isCounted || !before) return;
    if (!now.items.some((one) => one.resume.id === resumeId)) now.items.splice(at, 0, item);
    addToCounts(now, counted, 1, before);
  };
  const posted = post({ kind: "remove", feedId, resumeId, who, reasons });
  posted.answer.catch(() => putBack());
  return async () => {
    if (await posted.withdraw()) return putBack();
    post({ kind: "restore", feedId, resumeId, who });
    putBack();
  };
}

/**
 * Put a removed result back into its list, as `remove` does.
 *
 * @returns `answer` of the server, and what removes it again, for the same reasons
 */
export function restore(feedId: string, item: Item, who: string) {
  const whom = { feedId, resumeId: item.resume.id, who };
  const posted = post({ kind: "restore", ...whom });
  drop(feedId, item);
  const undo = async (): Promise<void> => {
    if (!(await posted.withdraw())) await post({ kind: "remove", ...whom, reasons: item.feedback }).answer;
    const list = keptList(feedId);
    if (list) await refresh(list);
  };
  return { answer: posted.answer, undo };
}

/** Take a result out of the list of removed ones, where that is shown; its counts change with the next read. */
function drop(feedId: string, item: Item): void {
  const list = keptList(feedId);
  if (!list?.filters.isRemoved) return;
  list.items = list.items.filter((one) => one.resume.id !== item.resume.id);
  list.found = Math.max(0, list.found - 1);
  list[item.tier === "strong" ? "total" : "possible"] += 1;
  if (isInBadge(item)) list.unread += 1;
}

/**
 * Change the counts by a result. Where they were read since it was asked to go or to come back, as its frame was faster
 * than the answer, they may have that already; what still differs is found by `useFresh`.
 *
 * @param counted how often they had been read then
 */
function addToCounts(list: ResultList, counted: number | undefined, by: 1 | -1, item: Item): void {
  if (list.counted !== counted) return;
  list[item.tier === "strong" ? "total" : "possible"] += by;
  list.found += by;
  if (isInBadge(item)) list.unread += by;
}
