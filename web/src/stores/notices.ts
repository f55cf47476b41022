/** The right moment to offer notices: after a feed was made, to whoever would not be told of its results. */
import { ask } from "../api/ask";
import { getHrNotices } from "../api/generated/sdk.gen";
import { offer } from "./snack";

const KEY = "talentfeed.notices-offered";

/** Offer to set notices up where no channel could serve; once in a browser. A failure is nobody's concern. */
export async function offerNotices(text: string, open: () => unknown): Promise<void> {
  try {
    if (localStorage.getItem(KEY)) return;
    const { channels } = await ask(getHrNotices());
    if (!channels.length || channels.some((one) => one.state === "ok")) return;
    localStorage.setItem(KEY, "1");
    offer(text, "设置提醒", async () => open());
  } catch {
    // It was an offer.
  }
}
