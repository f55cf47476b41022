/** Who is chosen in a list, to do the same with all of them. */
import { computed, reactive, ref } from "vue";
import { ask } from "../api/ask";
import { postSpecialFeedResults } from "../api/generated/sdk.gen";
import type { ManyResults } from "../api/generated/types.gen";
import type { Item } from "../api/types";
import { refresh, type ResultList } from "./results";
import { say } from "./snack";

/** How many the server takes in one request. */
const MOST = 50;

export type Step = Omit<ManyResults, "feed_id" | "resume_ids">;

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
    list.items.slice(0, MOST).forEach((item) => ids.add(item.resume.id));
  }

  function end(): void {
    ids.clear();
    isOn.value = false;
    last = -1;
  }

  return reactive({ isOn, items, has: (id: string) => ids.has(id), choose, chooseAll, end });
}

export type Choice = ReturnType<typeof choiceIn>;

/**
 * Take a step with several people of a list, in one request, and read the list again.
 *
 * @returns those with whom it was taken; the others are not listed any more, or have all the marks there may be
 */
export async function stepTogether(list: ResultList, ids: readonly string[], step: Step): Promise<string[]> {
  const { results } = await ask(
    postSpecialFeedResults({ body: { ...step, feed_id: list.feedId, resume_ids: [...ids] } }),
  );
  await refresh(list);
  return results.filter((one) => one.status === "ok").map((one) => one.id);
}
