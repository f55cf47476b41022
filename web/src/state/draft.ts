/** A form that is filled in, kept for as long as the tab lives: a session may end in the middle of it. */
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
    // Then it is lost with the session.
  }
}

export function dropDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
}

/** What the same recruiter had filled in for the same feed; null where there is nothing. */
export function findDraft<T>(feedId: string): T | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Draft<T> | null;
    return draft?.user === session.user && draft.feedId === feedId ? draft.form : null;
  } catch {
    return null;
  }
}
