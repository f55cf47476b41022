/** How many stored resumes a form would match, while it is filled in. */
import { reactive, ref } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { postSpecialFeedPreview } from "../api/generated/sdk.gen";
import type { Preview, Understood } from "../api/types";
import { NO_LIMIT } from "../text/format";
import { bodyOf, type FeedForm } from "./editor";

export type Match = Preview["data"][number];
export type Advice = Preview["advice"][number];
export type Must = Preview["musts"][number];

const NOTHING = () => ({
  ...{ strong: null, possible: 0, isPartial: false, fault: "" },
  ...{ best: [] as Match[], advice: [] as Advice[], musts: [] as Must[] },
});

/** A form without one of its wishes. */
export const without = (field: Advice["field"]): Partial<FeedForm> =>
  field === "salary_min"
    ? { salary_min: 0, salary_max: NO_LIMIT }
    : { [field]: field === "skill_required" ? "" : [] };

/** How long the form must rest before it is previewed. Shorter, and a preview is asked for in the middle of a word. */
const TYPING_MS = 450;
/** When to ask again after a 429, which the server gives while another preview of the account runs. */
const AGAIN_MS = 1_200;

/**
 * How many stored resumes the form would match. It is asked again whenever the form rests. At most one request is
 * under way: the next one waits for its answer, or until the server accepts previews again.
 */
export function livePreview(form: FeedForm, feedId: string | undefined) {
  const state = reactive({
    /** How many would be strong matches; null where that is not known. */
    strong: null as number | null,
    possible: 0,
    /** Whether more may match, as resumes wait to be scored or are too old to be counted. */
    isPartial: false,
    isAsking: false,
    /** The best matches, at most five. */
    best: [] as Match[],
    /** Where nothing is strong: wishes without which something would be. */
    advice: [] as Advice[],
    /** What must be met, and how many more would be strong without each. */
    musts: [] as Must[],
    /** What is wrong with the form, where that is why there is no count. */
    fault: "",
  });
  /** What the form was taken to ask for, when it was last without fault. */
  const understood = ref<Understood | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  let isOver = false;

  function changed(): void {
    isStale = true;
    clearTimeout(timer);
    if (!form.title.trim()) {
      Object.assign(state, NOTHING());
      understood.value = null;
      return;
    }
    if (!state.isAsking) timer = setTimeout(() => void read(), TYPING_MS);
  }

  async function read(): Promise<void> {
    isStale = false;
    state.isAsking = true;
    let wait = TYPING_MS;
    try {
      const answer = await ask(postSpecialFeedPreview({ body: bodyOf(form, feedId) }), [
        "ok",
        "form_error",
        "feed_error",
      ]);
      if (!form.title.trim()) return; // it was emptied meanwhile
      const isFound = answer.status === "ok";
      state.strong = isFound ? answer.strong_count : null;
      state.possible = answer.possible_count;
      if (isFound) understood.value = answer.understood;
      state.isPartial = isFound && !answer.complete;
      state.fault = isFound ? "" : (Object.values(answer.errors).flat()[0] ?? answer.msg);
      state.best = answer.data;
      state.advice = answer.advice;
      state.musts = answer.musts;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === "too_many") [isStale, wait] = [true, AGAIN_MS];
      else Object.assign(state, { ...NOTHING(), fault: error.message });
    } finally {
      state.isAsking = false;
    }
    if (isStale && !isOver && form.title.trim()) timer = setTimeout(() => void read(), wait);
  }

  function stop(): void {
    isOver = true;
    clearTimeout(timer);
  }

  return { state, understood, changed, stop };
}
