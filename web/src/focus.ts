import { nextTick, type Ref, watch, type WatchSource } from "vue";

/**
 * Give a place the focus whenever something changes. The button that was pressed is gone then, and with it the focus:
 * keys would reach nothing, and readers of the screen would not hear what has come in its place.
 */
export function focusOnChange(source: WatchSource, place: Ref<HTMLElement | undefined>): void {
  watch(source, async () => {
    await nextTick();
    place.value?.focus({ preventScroll: true });
  });
}
