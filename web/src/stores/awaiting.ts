/**
 * Who has registered in this tab and waits for the letter: the activation page says where it went, and a wrong address
 * can be put right without filling in the form anew.
 */
import { reactive } from "vue";

const KEY = "talentfeed.awaiting";

interface Awaiting {
  email: string;
  company: string;
  phone: string;
  /** When the last letter was asked for, in milliseconds; 0 for never. */
  sentAt: number;
}

const NOBODY: Awaiting = { email: "", company: "", phone: "", sentAt: 0 };

export const awaiting = reactive<Awaiting>({ ...NOBODY, ...recall() });

function recall(): Partial<Awaiting> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Awaiting>;
  } catch {
    return {};
  }
}

export function noteAwaiting(who: Partial<Awaiting>): void {
  Object.assign(awaiting, who);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(awaiting));
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
}

export function forgetAwaiting(): void {
  Object.assign(awaiting, NOBODY);
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Without storage nothing was kept.
  }
}
