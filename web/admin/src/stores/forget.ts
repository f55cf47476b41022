/** What a tab remembers of one operator, and must not show to the next. */
import { forgetSearches } from "./search";
import { forgetUploads } from "./uploads";

export function forgetAll(): void {
  forgetSearches();
  forgetUploads();
}
