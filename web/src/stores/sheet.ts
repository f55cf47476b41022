/** A sheet that is open as long as it is about something. */
import { computed, type Ref, type WritableComputedRef } from "vue";

/**
 * Whether a sheet is open, for its `v-model`.
 *
 * @param about what it is about; null closes it, and closing it sets null
 */
export function openFor<T>(about: Ref<T | null>): WritableComputedRef<boolean> {
  return computed({
    get: () => about.value !== null,
    set: (open) => {
      if (!open) about.value = null;
    },
  });
}
