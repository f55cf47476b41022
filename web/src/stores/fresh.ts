/** How many unread results came since a list was read: the feed's count minus the list's, once both rest. */
import { onUnmounted, watch } from "vue";
import { feedOf } from "./feeds";
import { isRemoving } from "./outbox";
import { recount } from "./recount";
import { refresh, type ResultList } from "./results";

/** A click changes the list at once, and the feed's count only when its frame comes. Compared sooner, they differ. */
const REST_MS = 500;

export function useFresh(list: ResultList): void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    const counted = feedOf(list.feedId)?.unread_count;
    if (counted === undefined || !list.isLoaded || list.isLoading || isRemoving(list.feedId)) return;
    const ahead = counted - list.unread;
    // Below zero: somebody read or deleted in another window. An empty list has no place to offer anything, so
    // what came is shown at once.
    if (ahead < 0) void recount(list);
    else if (ahead > 0 && !list.items.length) void refresh(list);
    else list.fresh = ahead;
  }

  watch(
    () => [feedOf(list.feedId)?.unread_count, list.unread, list.isLoading, isRemoving(list.feedId)],
    () => {
      clearTimeout(timer);
      timer = setTimeout(settle, REST_MS);
    },
    { immediate: true },
  );
  onUnmounted(() => clearTimeout(timer));
}
