/** One line at the foot of the page, which can offer something for a few seconds, such as to undo. */
import { reactive } from "vue";
import { ApiError } from "../api/error";

/** Long enough to read one line. */
const SHORT_MS = 3_000;
/** Long enough to notice a mistake and reach for the button; a pointer or the focus on it stops the clock. */
const OFFER_MS = 7_000;

const state = reactive({ text: "", action: "", isWrong: false });
let run: (() => void) | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export const snack = state;

function show(text: string, action: string, isWrong: boolean, ms: number): void {
  Object.assign(state, { text, action, isWrong });
  clearTimeout(timer);
  timer = setTimeout(dismiss, ms);
}

export function say(text: string): void {
  run = null;
  show(text, "", false, SHORT_MS);
}

/** Failures that another try may get over. */
const PASSING = ["network", "unavailable", "too_many"];

/** Say something with a button. What did not get through is offered once more: nowhere else can it be undone. */
export function offer(text: string, action: string, chosen: () => Promise<unknown>, isWrong = false): void {
  run = () =>
    void attempt(chosen, ({ status }, words) => {
      if (PASSING.includes(status)) offer(words, action, chosen, true);
    });
  show(text, action, isWrong, OFFER_MS);
}

/** Say what was done, with a button that undoes it. */
export const offerUndo = (text: string, undo: () => Promise<void>): void => offer(text, "撤销", undo);

export function act(): void {
  const chosen = run;
  dismiss();
  chosen?.();
}

export function dismiss(): void {
  clearTimeout(timer);
  run = null;
  Object.assign(state, { text: "", action: "" });
}

/** Keep the snack while the pointer or the focus is on it. */
export function hold(): void {
  clearTimeout(timer);
}
export function release(): void {
  clearTimeout(timer);
  timer = setTimeout(dismiss, SHORT_MS);
}

export const wordsOf = (error: unknown): string => {
  if (!(error instanceof ApiError)) throw error;
  const details = Object.values(error.errors).flat();
  return details.length ? `${error.message}：${details.join("；")}` : error.message;
};

/**
 * Do an action and show its failure. Returns whether it succeeded.
 *
 * @param failed is told of the failure, and of the words that are shown
 */
export async function attempt(
  action: () => Promise<unknown>,
  failed?: (error: ApiError, words: string) => void,
): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    const text = wordsOf(error);
    run = null;
    show(text, "", true, SHORT_MS);
    failed?.(error as ApiError, text);
    return false;
  }
}
