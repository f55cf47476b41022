/** What this browser remembers of a session, from login to logout. */

export const SESSION_KEY = "talentfeed.session";

export interface KeptSession {
  user: string;
  token: string;
  username: string;
}

/** The session that was kept; empty where there is none, or no storage. */
export function keptSession(): Partial<KeptSession> {
  try {
    return JSON.parse(localStorage.getItem(SESSION_KEY) ?? "{}") as Partial<KeptSession>;
  } catch {
    return {};
  }
}

/** Keep a session; null forgets it. Without storage it lasts until the page is closed. */
export function keepSession(session: KeptSession | null): void {
  try {
    if (session) localStorage.setItem(SESSION_KEY, JSON.stringify(session));
    else localStorage.removeItem(SESSION_KEY);
  } catch {
    // Then nothing is kept.
  }
}
