/** A page of what a half of the queue has in a feed's list. */
import { ask } from "../api/ask";
import { getSpecialFeedFeedListFeedId } from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import type { Half } from "../queue/model";
import { isShared } from "./claims";
import { actsOn, isRefused } from "./outbox";

const PAGE = 20;

/** Those of a half that stand in a feed's list: for the second with its possible ones, who may have been called, too. */
export async function queuePage(feedId: string, half: Half, start: number) {
  const of =
    half === "new" ? ({ tier: "strong", latest: 1 } as const) : ({ tier: "all", work: "undecided" } as const);
  const free = isShared(feedId) ? ({ unclaimed: 1 } as const) : {};
  const query = { ...of, ...free, sort: "time", start, size: PAGE } as const;
  const answer = await ask(getSpecialFeedFeedListFeedId({ path: { feed_id: feedId }, query }), [
    "ok",
    "no_feed",
  ]);
  // What was decided and is not sent yet is decided.
  const isOpen = (item: Item): boolean =>
    !actsOn(item.resume.id).some(
      (act) => act.feedId === feedId && (act.kind === "mark" || act.kind === "remove") && !isRefused(act),
    );
  const data = answer.data.filter(isOpen);
  return { ...answer, data, feed_query_count: answer.feed_query_count - answer.data.length + data.length };
}
