/** What the two lists of the quarantine have in common: a page of rows, those picked, and what is done to them. */
import { ref, watch } from "vue";
import { useAction } from "./action";
import { useLoad } from "./load";
import { type ListUrl, useListUrl } from "./query";
import { useSelection } from "./selection";

/** How many rows a page has. */
export const SIZE = 20;

/** As many rows at a time as one request takes. */
export const inPieces = (ids: readonly string[]): string[][] =>
  ids.flatMap((_, at) => (at % SIZE ? [] : [ids.slice(at, at + SIZE)]));

/**
 * Read a list of the quarantine, and work on its rows.
 *
 * @param read asks for a page
 * @param dropRows deletes rows, and gives how many there were
 * @param wordOf what the operator is told of that
 */
export function useQuarantine<R extends { id: string }>(
  read: (query: { start: number; size: number }) => Promise<{
    items: readonly R[];
    total: number;
    next_start: number;
  }>,
  dropRows: (ids: string[]) => Promise<number>,
  wordOf: (count: number) => string,
) {
  const url: ListUrl = useListUrl();
  const action = useAction();
  const list = useLoad(() => read({ start: url.start.value, size: SIZE }));
  watch(url.start, list.load, { immediate: true });

  const picked = useSelection(() => (list.data?.items ?? []).map(({ id }) => id));
  const isDropping = ref(false);

  /** Do something to rows, and show what is left of the list. */
  const work = (key: string, does: () => Promise<string>): Promise<boolean> =>
    action.run(key, async () => {
      const word = await does();
      picked.value.clear();
      await list.load();
      return word;
    });

  async function drop(): Promise<void> {
    const isDone = await work("drop", async () => {
      let count = 0;
      for (const ids of inPieces(picked.value.ids)) count += await dropRows(ids);
      return wordOf(count);
    });
    if (isDone) isDropping.value = false;
  }

  return { url, action, list, picked, isDropping, work, drop };
}
