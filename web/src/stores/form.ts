/** A form on its way to the server: what is wrong with each field, and whether an answer is awaited. */
import { reactive, shallowRef } from "vue";
import { ApiError } from "../api/error";

/**
 * Keep what the server says of a form.
 *
 * @param values the form's fields, a reactive object
 */
export function useForm<F extends object>(values: F) {
  const errors = shallowRef<Record<string, string[]>>({});
  let checked = {} as Record<string, string>;
  const texts = (): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
  const state = reactive({
    isBusy: false,
    /** What failed, where no field is to blame. */
    failure: "",
    /** All that failed in one text, where the fields have no place to say it at. */
    get refusal(): string {
      return Object.values(errors.value).flat().join("；") || state.failure;
    },
    /** What the server found wrong with a field, until the field is changed. */
    wrong(name: keyof F & string): string {
      const isSame = JSON.stringify(values[name]) === checked[name];
      return !state.isBusy && isSame ? (errors.value[name]?.join("；") ?? "") : "";
    },
    /** Say no more of what failed. */
    forget(): void {
      state.failure = "";
      errors.value = {};
    },
    /** Do what sends the form. What the server refuses is kept here. */
    async send(work: () => Promise<void>): Promise<void> {
      state.isBusy = true;
      state.forget();
      checked = texts();
      try {
        await work();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        errors.value = error.errors;
        if (!Object.keys(error.errors).length) state.failure = error.message;
      } finally {
        state.isBusy = false;
      }
    },
  });
  return state;
}
