/** Again and again, while a view is shown and its tab is looked at. */
import { onMounted, onUnmounted } from "vue";

export function useEvery(pause_ms: number, work: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const again = (): void => {
    if (document.visibilityState === "visible") work();
  };
  onMounted(() => (timer = setInterval(again, pause_ms)));
  onUnmounted(() => clearInterval(timer));
}
