/** Which rows of a list are picked. Rows that are no longer there are not. */
import { computed, type ComputedRef, ref } from "vue";

export interface Selection {
  ids: string[];
  isAll: boolean;
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  toggleAll: () => void;
  clear: () => void;
}

export function useSelection(shown: () => readonly string[]): ComputedRef<Selection> {
  const picked = ref<ReadonlySet<string>>(new Set());
  return computed(() => {
    const there = shown();
    const ids = there.filter((id) => picked.value.has(id));
    const isAll = there.length > 0 && ids.length === there.length;
    return {
      ids,
      isAll,
      has: (id) => picked.value.has(id),
      toggle(id) {
        const next = new Set(ids);
        if (!next.delete(id)) next.add(id);
        picked.value = next;
      },
      toggleAll: () => (picked.value = new Set(isAll ? [] : there)),
      clear: () => (picked.value = new Set()),
    };
  });
}
