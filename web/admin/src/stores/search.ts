/** Words that were searched for last. They may name a person, so they are kept here and in no URL. */
import { reactive } from "vue";

export const searched = reactive({
  accounts: "",
  audit: { account: "", resume: "" },
});

/** Forget them, when somebody else may sign in. */
export function forgetSearches(): void {
  searched.accounts = "";
  searched.audit = { account: "", resume: "" };
}
