/** The user terms and the privacy policy, read once. */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import { getHrLegal } from "../api/generated/sdk.gen";

export type LegalName = "terms" | "privacy";
export const LEGAL_NAMES: Record<LegalName, string> = { terms: "用户协议", privacy: "隐私政策" };

export const legal = reactive({ version: "", terms: "", privacy: "", failure: "" });

export async function loadLegal(): Promise<void> {
  if (legal.version) return;
  legal.failure = "";
  try {
    const { version, terms, privacy } = await ask(getHrLegal());
    Object.assign(legal, { version, terms, privacy });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    legal.failure = error.message;
  }
}

/** Read them anew the next time: the server says that they have changed. */
export function forgetLegal(): void {
  legal.version = "";
}
