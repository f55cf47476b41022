/** Who is chosen in a list, to do the same with all of them. */
import { computed, reactive, ref } from "vue";
import type { Item } from "../api/types";
import type { ResultList } from "./results";
import { say } from "./snack";

/** How many the server takes in one request. */
const MOST = 50;

export function choiceIn(list: ResultList) {
  const ids = reactive(new Set<string>());
  const isOn = ref(false);
  let last = -1;
  /** Those that are still shown, in the order of the list. */
  const items = computed(() => list.items.filter((item) => ids.has(item.resume.id)));

  function add(item: Item): void {
    if (items.value.length < MOST) ids.add(item.resume.id);
    else say(`一次最多 ${MOST} 位`);
  }

  /**
   * Choose somebody, or not any more.
   *
   * @param isRange everybody from the one that was chosen last is chosen too
   */
  function choose(item: Item, isRange = false): void {
    isOn.value = true;
    const at = list.items.indexOf(item);
    if (isRange && last >= 0) list.items.slice(Math.min(last, at), Math.max(last, at) + 1).forEach(add);
    else if (!ids.delete(item.resume.id)) add(item);
    last = at;
  }

  function chooseAll(): void {
    for (const item of list.items) if (items.value.length < MOST) ids.add(item.resume.id);
  }

  function end(): void {
    ids.clear();
    isOn.value = false;
    last = -1;
  }

  return reactive({ isOn, items, has: (id: string) => ids.has(id), choose, chooseAll, end });
}

export type Choice = ReturnType<typeof choiceIn>;
