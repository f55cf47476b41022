/** A page of what a half of the queue has in a feed's list. */
import { ask } from "../api/ask";
import { getSpecialFeedFeedListFeedId } from "../api/generated/sdk.gen";
import type { Half } from "../queue/model";
import { isShared } from "./claims";
import { decidedIn } from "./decisions";

const PAGE = 20;

/** Those of a half that stand in a feed's list: for the second with its possible ones, who may have been called, too. */
export async function queuePage(feedId: string, half: Half, start: number) {
  const of =
    half === "new" ? ({ tier: "strong", latest: 1 } as const) : ({ tier: "all", work: "undecided" } as const);
  const free = isShared(feedId) ? ({ unclaimed: 1 } as const) : {};
  const query = { ...of, ...free, sort: "time", start, size: PAGE } as const;
  const before = decidedIn(feedId);
  const answer = await ask(getSpecialFeedFeedListFeedId({ path: { feed_id: feedId }, query }), [
    "ok",
    "no_feed",
  ]);
  // What was decided and not sent yet when the server was asked, it did not know.
  const decided = new Set([...before, ...decidedIn(feedId)]);
  const data = answer.data.filter((item) => !decided.has(item.resume.id));
  return { ...answer, data, feed_query_count: answer.feed_query_count - answer.data.length + data.length };
}
