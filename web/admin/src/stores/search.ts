/** Words that were searched for last. They may name a person, so they are kept here and in no URL. */
import { reactive } from "vue";

export const searched = reactive({
  accounts: "",
  companies: "",
  audit: { account: "", resume: "" },
});

/** Forget them, when somebody else may sign in. */
export function forgetSearches(): void {
  searched.accounts = "";
  searched.companies = "";
  searched.audit = { account: "", resume: "" };
}
