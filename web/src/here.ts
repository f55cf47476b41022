import { onUnmounted } from "vue";

/** Whether the component is still shown. An answer may come when somebody has gone on, and must not lead them away. */
export function useIsHere(): () => boolean {
  let isHere = true;
  onUnmounted(() => (isHere = false));
  return () => isHere;
}
