import type { FollowItem, Item } from "../api/types";
import { clockText, positionOf } from "../text/format";

/** A person whom the account keeps though no list has them, as an entry of a list: without a score and reasons. */
export function itemOf(kept: Pick<FollowItem, "feed_id" | "resume" | "to_confirm" | "has_original">): Item {
  const { contact_info, ...resume } = kept.resume;
  const now = clockText(Date.now());
  return {
    feed: { id: kept.feed_id, keywords: [] },
    resume,
    contact_info,
    favStatus: false,
    user_read_status: "read",
    pub_time: now,
    calc_time: now,
    id: resume.id,
    tags: [],
    mark_log: [],
    comment_log: [],
    tier: "possible",
    fit: 0,
    score: 0,
    title_match: false,
    why: [],
    summary: "",
    missing: [],
    requirements: [],
    others: [],
    maybe_same: [],
    beside: [],
    to_confirm: kept.to_confirm,
    has_original: kept.has_original,
    feedback: [],
    removed_time: "",
    work: "undecided",
    claim: null,
  };
}

/** A person in words, as `whoIs` has them. */
export const keptName = ({ resume }: Pick<FollowItem, "resume">): string =>
  resume.contact_info.name || positionOf(resume);
