/** When to ask how a call went: as soon as the recruiter is back on the page. */
import { onMounted, onUnmounted, ref } from "vue";

/** On a desk nothing covers the page while the phone rings: then it is asked after this long. */
const STAYED_MS = 2_500;

export function useCall() {
  const isAsking = ref(false);
  const isAfterCall = ref(false);
  let isCalling = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function back(): void {
    if (isCalling && document.visibilityState === "visible") ask(true);
  }

  /** Open the question; `afterCall` if it is about a call. */
  function ask(afterCall = isCalling): void {
    clearTimeout(timer);
    isCalling = false;
    isAfterCall.value = afterCall;
    isAsking.value = true;
  }

  function called(): void {
    isCalling = true;
    clearTimeout(timer);
    timer = setTimeout(() => document.hasFocus() && back(), STAYED_MS);
  }

  /** Ask nothing more about whoever was shown. */
  function forget(): void {
    clearTimeout(timer);
    isCalling = isAfterCall.value = isAsking.value = false;
  }

  onMounted(() => {
    document.addEventListener("visibilitychange", back);
    addEventListener("focus", back);
    addEventListener("pageshow", back);
  });
  onUnmounted(() => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", back);
    removeEventListener("focus", back);
    removeEventListener("pageshow", back);
  });
  return { isAsking, isAfterCall, called, ask, forget };
}
