import { onBeforeUnmount, onMounted, type Ref } from "vue";

const feet = new Set<HTMLElement>();

function measure(): void {
  const style = document.documentElement.style;
  const tallest = Math.max(0, ...[...feet].map((foot) => foot.offsetHeight));
  if (tallest) style.setProperty("--bar", `calc(${tallest}px - var(--safe-bottom))`);
  else style.removeProperty("--bar");
}

/** The foot of a page, above which ends what the page shows, and stands what is said, however tall the foot gets. */
export function useFoot(foot: Readonly<Ref<HTMLElement | null>>): void {
  const watcher = new ResizeObserver(measure);
  let watched: HTMLElement | null = null;
  onMounted(() => {
    watched = foot.value;
    if (!watched) return;
    feet.add(watched);
    watcher.observe(watched);
  });
  onBeforeUnmount(() => {
    watcher.disconnect();
    if (watched) feet.delete(watched);
    measure();
  });
}
