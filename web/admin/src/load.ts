/** What a view shows of the server: loading, there, or failed. */
import { onScopeDispose, reactive } from "vue";
import { ApiError } from "../../src/api/error";
import { session } from "./session";

export interface Loaded<T> {
  data: T | null;
  /** Why there is nothing, or nothing newer. */
  failure: string;
  /** What is wrong with a field of what was asked. */
  wrong: (name: string) => string;
  isBusy: boolean;
  load: () => Promise<void>;
}

/**
 * Ask, and keep the newest answer. What is there stays while newer is on its way.
 *
 * @param work asks the server
 */
export function useLoad<T>(work: () => Promise<T>): Loaded<T> {
  let last = 0;
  let errors: Record<string, string[]> = {};
  onScopeDispose(() => (last = -1));
  const state: Loaded<T> = reactive({
    data: null,
    failure: "",
    isBusy: false,
    wrong: (name: string) => (state.failure ? (errors[name]?.join("；") ?? "") : ""),
    async load(): Promise<void> {
      if (last < 0) return;
      const number = ++last;
      state.isBusy = true;
      try {
        const data = await work();
        if (number === last) Object.assign(state, { data, failure: "" });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // Whoever was signed out is on the way to sign in.
        if (number !== last || !session.token) return;
        errors = error.errors;
        state.failure = error.message;
      } finally {
        if (number === last) state.isBusy = false;
      }
    },
  }) as Loaded<T>;
  return state;
}
