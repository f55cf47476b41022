/** What the stores listen to: the device, other windows, the end of a session, the socket. */
import { watch } from "vue";
import { ApiError } from "../api/error";
import { followCalls, forgetCalls } from "./calls";
import { clearFavourites } from "./favourites";
import { clearFeeds } from "./feeds";
import { keepLive, liveState, onReturn } from "./live";
import { clearMarked, staleOnNewDay } from "./marked";
import { actText } from "./acts";
import { flush, onDelivered } from "./outbox";
import { noteDelivered, noteRefused } from "./people";
import { clearLists } from "./results";
import { clearSearch } from "./search";
import { dropDraft } from "./draft";
import { dropNotes } from "./noteDrafts";
import { onSessionEnd, session, shareSession } from "./session";
import { dismiss, offer, wordsOf } from "./snack";
import { followTheme } from "./theme";
import { noteDay } from "./today";

/** What this tab keeps beyond a reload: what was typed, and who is being called. */
function forgetKept(): void {
  dropDraft();
  dropNotes();
  forgetCalls();
}

/** Send what waits whenever the server may be there again, and say what it refused. */
function followOutbox(): void {
  onDelivered((act, answer) => {
    if (answer instanceof ApiError) {
      const refused = `没能记下“${actText(act)}：${act.who}”：${wordsOf(answer)}`;
      const list = `#/feeds/${act.feedId}`;
      const [words, place] =
        act.kind === "many" ? ["看名单", list] : ["看这位", `${list}/resumes/${act.resumeId}`];
      offer(refused, words, async () => location.assign(place), true);
      noteRefused(act);
      return;
    }
    noteDelivered(act, answer);
  });
  addEventListener("online", () => void flush());
  onReturn(() => void flush());
  watch([liveState, () => session.token], () => void flush(), { immediate: true });
}

/** Begin to listen. Called once, before the page is shown. */
export function startStores(): void {
  followTheme();
  shareSession();
  onSessionEnd(dismiss); // what it offers belongs to the account
  onSessionEnd(() => {
    if (!session.notice) forgetKept(); // a session that ended by itself must not cost what was typed
  });
  for (const clear of [clearFeeds, clearLists, clearFavourites, clearMarked, clearSearch])
    onSessionEnd(clear);
  onReturn(noteDay);
  onReturn(staleOnNewDay);
  followOutbox();
  followCalls();
  keepLive();
}
