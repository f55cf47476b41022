/**
 * The rows of a long list. Those near the screen have their content; the others keep their place alone.
 *
 * Places are ordinary elements of the page's flow, as high as their content was when it left. So the page is as long
 * as with all of it, a place in the list stays the same place, and headings between the rows need nothing special. A
 * row that was never measured has its content, and so no height is ever guessed.
 *
 *     const rows = new Rows();             // outlives the page that shows the list
 *     watchRows(rows);                     // in the setup of the list
 *     const { style, isFar } = useRow(rows, key, element);   // in the setup of each row
 */
import {
  computed,
  type InjectionKey,
  inject,
  onMounted,
  onUnmounted,
  provide,
  type Ref,
  shallowReactive,
} from "vue";

/**
 * How far beyond the screen rows have their content: two screens above and below. With less, a fling shows empty
 * places; with more, there are more nodes than a slow phone lays out in the time of a tap.
 */
const MARGIN = "200% 0px";

type Watch = (element: HTMLElement, key: string) => () => void;
const WATCH: InjectionKey<Watch> = Symbol("watches the rows of a list");

export class Rows {
  /** In CSS pixels, of every row that was far once. */
  private readonly heights = new Map<string, number>();
  private readonly far = shallowReactive(new Set<string>());

  isFar(key: string): boolean {
    return this.far.has(key);
  }

  heightOf(key: string): number {
    return this.heights.get(key) ?? 0;
  }

  /** Note where a row is. `height` is 0 while the whole list is hidden, which tells nothing of its rows. */
  noted(key: string, isNear: boolean, height: number): void {
    if (height === 0) return;
    if (isNear) this.far.delete(key);
    else {
      this.heights.set(key, height);
      this.far.add(key);
    }
  }

  /** Give every row its content again, because the list begins anew. */
  clear(): void {
    this.far.clear();
  }
}

/** Watch the rows below this component. */
export function watchRows(rows: Rows): void {
  const keys = new WeakMap<Element, string>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, boundingClientRect } of entries) {
        const isNear = isIntersecting || target.contains(document.activeElement); // the focus is not lost by a scroll
        rows.noted(keys.get(target) ?? "", isNear, boundingClientRect.height);
      }
    },
    { rootMargin: MARGIN },
  );
  provide(WATCH, (element, key) => {
    keys.set(element, key);
    observer.observe(element);
    return () => observer.unobserve(element);
  });
  onUnmounted(() => observer.disconnect());
}

/** One row: whether it is far from the screen, and the height it then keeps. */
export function useRow(rows: Rows, key: string, element: Readonly<Ref<HTMLElement | null>>) {
  const watch = inject(WATCH);
  let forget: (() => void) | undefined;
  onMounted(() => {
    if (element.value) forget = watch?.(element.value, key);
  });
  onUnmounted(() => forget?.());
  const isFar = computed(() => rows.isFar(key));
  const style = computed(() => (isFar.value ? { height: `${rows.heightOf(key)}px` } : undefined));
  return { isFar, style };
}
