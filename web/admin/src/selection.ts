/** Which rows of a list are picked, those of its other pages among them. */
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
    const ids = [...picked.value];
    const isAll = there.length > 0 && there.every((id) => picked.value.has(id));
    return {
      ids,
      isAll,
      has: (id) => picked.value.has(id),
      toggle(id) {
        const next = new Set(ids);
        if (!next.delete(id)) next.add(id);
        picked.value = next;
      },
      toggleAll() {
        const next = new Set(ids);
        for (const id of there)
          if (isAll) next.delete(id);
          else next.add(id);
        picked.value = next;
      },
      clear: () => (picked.value = new Set()),
    };
  });
}
