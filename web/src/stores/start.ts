/** What the stores listen to: the device, other windows, the end of a session, the socket. */
import { clearFavourites } from "./favourites";
import { clearFeeds } from "./feeds";
import { keepLive } from "./live";
import { clearMarked } from "./marked";
import { clearLists } from "./results";
import { onSessionEnd, shareSession } from "./session";
import { followTheme } from "./theme";

/** Begin to listen. Called once, before the page is shown. */
export function startStores(): void {
  followTheme();
  shareSession();
  for (const clear of [clearFeeds, clearLists, clearFavourites, clearMarked]) onSessionEnd(clear);
  keepLive();
}
