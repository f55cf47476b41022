/** The company of the account, as a page or a sheet shows it. */
import { computed, ref } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getCompany } from "../api/generated/sdk.gen";
import type { Company, Member } from "../api/types";
import { useRecovery } from "./live";

export function useCompany() {
  const company = ref<Company | null>(null);
  const failure = ref("");
  const members = computed(() => company.value?.members.filter((one) => one.state === "active") ?? []);
  const invited = computed(() => company.value?.members.filter((one) => one.state === "invited") ?? []);
  const isOwner = computed(() => company.value?.role === "owner");
  const membersBut = (id: string | undefined): Member[] => members.value.filter((one) => one.id !== id);

  async function read(): Promise<void> {
    failure.value = "";
    try {
      company.value = (await ask(getCompany())).data;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failure.value = error.message;
    }
  }
  useRecovery(() => failure.value !== "", read);
  return { company, failure, members, invited, membersBut, isOwner, read };
}
