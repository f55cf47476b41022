/** What speaks for somebody, and what against them, of a summary. */
import type { Item } from "../api/types";

/** Reasons that are a wish of the feed: of those that are not met, the summary ends with the gravest. */
const WISHES = ["city", "salary", "degree", "level", "domain", "preference", "years"];

/** What a summary says for somebody, and what it says against them. */
export function reasonsOf({ summary, why }: Pick<Item, "summary" | "why">): {
  reasons: string[];
  shortfall: string;
} {
  const reasons = summary.split("，").filter(Boolean);
  const falls = why.some((row) => row.points < 0 && WISHES.includes(row.field));
  return { shortfall: (falls && reasons.pop()) || "", reasons };
}
