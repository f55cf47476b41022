/** Something that a button does: once at a time, and it says what came of it. */
import { reactive } from "vue";
import { attempt, say } from "../../src/stores/snack";

export interface Action {
  /** What is under way: the key that it was started with. */
  busy: string;
  run: (key: string, work: () => Promise<string | void>) => Promise<boolean>;
}

/**
 * Actions of which one runs at a time; a second press does nothing.
 *
 * `run` takes what does it, which gives the word for the operator, and tells whether it succeeded.
 */
export function useAction(): Action {
  const action: Action = reactive({
    busy: "",
    async run(key: string, work: () => Promise<string | void>): Promise<boolean> {
      if (action.busy) return false;
      action.busy = key;
      try {
        return await attempt(async () => {
          const word = await work();
          if (word) say(word);
        });
      } finally {
        action.busy = "";
      }
    },
  });
  return action;
}
