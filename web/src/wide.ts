/** What the window and the device are like. */
import { onUnmounted, type Ref, ref } from "vue";

/** Room for the list and a resume side by side. The styles that belong to it say 900px too. */
export const TWO_PANES = "(min-width: 900px)";
/** Room for the main pages' links at the side. The styles that belong to it say 1280px too. */
export const SIDE_LINKS = "(min-width: 1280px)";

/** Whether there is no phone here: a number is shown, and dialled by hand. */
export const isDesk = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;

/** Whether a media query holds, for as long as the component lives. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const media = matchMedia(query);
  const holds = ref(media.matches);
  const look = (): boolean => (holds.value = media.matches);
  // Safari before 14 has no `addEventListener` here; there the page keeps the layout that it opened with.
  media.addEventListener?.("change", look);
  onUnmounted(() => media.removeEventListener?.("change", look));
  return holds;
}
