/** The one sheet that asks what came of a person, on whatever page. */
import { shallowReactive } from "vue";
import type { NewMark } from "./acts";

/** What came of a person. Who is marked 不合适 leaves the list. */
export interface Decision extends NewMark {
  /** Why they do not fit, by the API's names; the feed learns from it. */
  reasons?: readonly string[];
  /** Why in words that only the recruiter reads. */
  words?: string;
}

export interface Question {
  who: string;
  phone: string;
  /** When the call began that it is about, in milliseconds; 0 where it is about none. */
  calledAt: number;
  /** Begin with the reasons why somebody does not fit. */
  asksWhy: boolean;
}

/** Somebody was asked to come: the invitation is to be sent. */
export interface Invited {
  who: string;
  resumeId: string;
  /** The mark's id, once the server has it; "" where it will not for now. */
  markId: Promise<string>;
}

const state = shallowReactive({ question: null as Question | null, invited: null as Invited | null });
let answered: (decision: Decision | null) => void = () => undefined;

export const asking = state;

/** Ask; null where the sheet is closed without an answer, or another question takes its place. */
export function askOutcome(question: Question): Promise<Decision | null> {
  answer(null);
  state.question = question;
  return new Promise((resolve) => (answered = resolve));
}

export function answer(decision: Decision | null): void {
  state.question = null;
  answered(decision);
}
