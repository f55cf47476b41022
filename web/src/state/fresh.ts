/** How many unread results a feed has that its shown list does not: the difference of two counts, once they rest. */
import { onUnmounted, watch } from "vue";
import { feedOf } from "./feeds";
import { refresh, type ResultList } from "./results";

/** A click changes the list at once and the feed's count by the socket, a moment later. */
const REST_MS = 500;

export function useFresh(list: ResultList): void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    const counted = feedOf(list.feedId)?.unread_count;
    if (counted === undefined || !list.isLoaded || list.isLoading) return;
    const ahead = counted - list.unread;
    // Fewer than the list knows of: somebody read or deleted in another window. Nothing shown: show them.
    if (ahead < 0 || (ahead > 0 && !list.items.length)) void refresh(list);
    else list.fresh = ahead;
  }

  watch(
    () => [feedOf(list.feedId)?.unread_count, list.unread, list.isLoading],
    () => {
      clearTimeout(timer);
      timer = setTimeout(settle, REST_MS);
    },
    { immediate: true },
  );
  onUnmounted(() => clearTimeout(timer));
}
