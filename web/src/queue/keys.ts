/** Keys of a page, for as long as it is shown. */
import { onMounted, onUnmounted, reactive } from "vue";

/** Whether all keys are shown. */
export const help = reactive({ isOpen: false });

/** Whether a key belongs to something else: a text that is typed, a sheet that is open, a shortcut of the browser. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return true;
  const target = event.target;
  return target instanceof Element && target.closest("input, textarea, select, [role=dialog]") !== null;
}

/** @param keys what each of them does; what gives false leaves the key to somebody else */
export function useKeys(keys: Readonly<Record<string, () => unknown>>): void {
  function pressed(event: KeyboardEvent): void {
    const act = keys[event.key];
    if (!act || isTaken(event) || act() === false) return;
    event.preventDefault();
  }
  onMounted(() => addEventListener("keydown", pressed));
  onUnmounted(() => removeEventListener("keydown", pressed));
}
