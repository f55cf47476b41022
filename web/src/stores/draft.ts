/** A form that is being filled in, kept for the life of the tab, as a session may end in the middle of it. */
import { session } from "./session";

const KEY = "talentfeed.draft";

interface Draft<T> {
  user: string;
  feedId: string;
  form: T;
}

export function keepDraft<T>(feedId: string, form: T): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ user: session.user, feedId, form }));
  } catch {
    // Without storage the form is lost when the session ends.
  }
}

export function dropDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Without storage there is no draft.
  }
}

/** What the same account had filled in for the same feed, or null. */
export function findDraft<T>(feedId: string): T | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Draft<T> | null;
    return draft?.user === session.user && draft.feedId === feedId ? draft.form : null;
  } catch {
    return null;
  }
}
