/** A list that is read page by page as one scrolls. */
import { onMounted, reactive } from "vue";
import { ApiError } from "../api/error";
import { useRecovery } from "./live";

/** `read` gives the page that begins at `start`, and where the next one does: -1 after the last. */
export function usePages<T>(read: (start: number) => Promise<{ data: T[]; next_start: number }>) {
  const list = reactive({ rows: [] as T[], next: 0, isLoaded: false, isLoading: false, failure: "" });

  async function more(): Promise<void> {
    if (list.isLoading || list.next < 0) return;
    Object.assign(list, { isLoading: true, failure: "" });
    try {
      const answer = await read(list.next);
      const rows = list.next ? [...list.rows, ...answer.data] : answer.data;
      Object.assign(list, { rows, next: answer.next_start, isLoaded: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      list.failure = error.message;
    } finally {
      list.isLoading = false;
    }
  }
  /** Read anew from the first page; what is shown stays until it is there. */
  function again(): Promise<void> {
    list.next = 0;
    return more();
  }

  onMounted(more);
  useRecovery(() => list.failure !== "", more);
  return { list, more, again };
}
