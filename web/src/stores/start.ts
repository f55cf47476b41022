/** What the stores listen to: the device, other windows, the end of a session, the socket. */
import { forgetCall } from "../queue/pendingCall";
import { clearFavourites } from "./favourites";
import { clearFeeds } from "./feeds";
import { keepLive, onReturn } from "./live";
import { clearMarked, staleOnNewDay } from "./marked";
import { clearLists } from "./results";
import { clearFunnel } from "./funnel";
import { clearSearch } from "./search";
import { dropDraft } from "./draft";
import { dropNotes } from "./noteDrafts";
import { onSessionEnd, session, shareSession } from "./session";
import { dismiss } from "./snack";
import { followTheme } from "./theme";
import { noteDay } from "./today";

/** What this tab keeps beyond a reload: what was typed, and who is being called. */
function forgetKept(): void {
  dropDraft();
  dropNotes();
  forgetCall();
}

/** Begin to listen. Called once, before the page is shown. */
export function startStores(): void {
  followTheme();
  shareSession();
  onSessionEnd(dismiss); // what it offers belongs to the account
  onSessionEnd(() => {
    if (!session.notice) forgetKept(); // a session that ended by itself must not cost what was typed
  });
  for (const clear of [clearFeeds, clearLists, clearFavourites, clearMarked, clearSearch, clearFunnel])
    onSessionEnd(clear);
  onReturn(noteDay);
  onReturn(staleOnNewDay);
  keepLive();
}
