/** A finger that rests on something, as a mouse's second button elsewhere. */
import { onUnmounted } from "vue";

const HELD_MS = 450;
/** A finger that moves further than this scrolls. */
const MOVED_PX = 10;

/**
 * Listeners for an element: `held` is called where a finger rests on it, and the click that follows is nobody's.
 *
 *     const press = useLongPress(() => choose());
 *     <div v-on="press.listeners" @click.capture="press.swallow">
 */
export function useLongPress(held: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  let wasHeld = false;
  const stop = (): void => clearTimeout(timer);
  onUnmounted(stop);
  return {
    listeners: {
      pointerdown(event: PointerEvent): void {
        wasHeld = false;
        if (event.pointerType === "mouse") return;
        from = event;
        timer = setTimeout(() => {
          wasHeld = true;
          held();
        }, HELD_MS);
      },
      pointermove(event: PointerEvent): void {
        if (Math.hypot(event.x - from.x, event.y - from.y) > MOVED_PX) stop();
      },
      pointerup: stop,
      pointercancel: stop,
      // The browser's own menu for a link would take the place of the choice.
      contextmenu(event: MouseEvent): void {
        if (wasHeld) event.preventDefault();
      },
    },
    swallow(event: Event): void {
      if (!wasHeld) return;
      wasHeld = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
