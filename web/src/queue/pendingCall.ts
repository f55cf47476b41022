/** Who is being called. A call leaves the page, and WeChat may load it anew after: so it is kept for the tab's life. */
import type { Entry } from "./model";

const CALL = "talentfeed.call";
const CALL_LASTS_MS = 3_600_000;

export function keepCall(entry: Entry): void {
  entry.isCalled = true;
  const call = { feedId: entry.feedId, resumeId: entry.item.resume.id, at: Date.now() };
  try {
    sessionStorage.setItem(CALL, JSON.stringify(call));
  } catch {
    // Without storage nobody asks after a reload.
  }
}

export function recallCall(): { feedId: string; resumeId: string } | null {
  try {
    const call = JSON.parse(sessionStorage.getItem(CALL) ?? "null") as {
      feedId: string;
      resumeId: string;
      at: number;
    } | null;
    return call && Date.now() - call.at < CALL_LASTS_MS ? call : null;
  } catch {
    return null;
  }
}

export function forgetCall(): void {
  try {
    sessionStorage.removeItem(CALL);
  } catch {
    // Without storage nothing was kept.
  }
}
