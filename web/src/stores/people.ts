/** What the account keeps of a person: favourite, contact, marks, comments. */
import { ask } from "../api/ask";
import {
  postFeedGetFeedIdResumeId,
  postResumesDownloadResumeId,
  postResumesJoin,
  postResumesPart,
} from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import type { Act, Delivered, Whom } from "./acts";
import { forgetFavourite, staleFavourites } from "./favourites";
import { staleMarked } from "./marked";
import { favouriteToBe, postUndoable } from "./outbox";
import { listFor, noteRead, patchPerson, refresh } from "./results";
import { staleSearch } from "./search";

const pathOf = (resumeId: string) => ({ resume_id: resumeId });

/** Open a result, which marks it read. */
export async function readResult(feedId: string, resumeId: string): Promise<Item> {
  const path = { feed_id: feedId, resume_id: resumeId };
  const { data } = await ask(postFeedGetFeedIdResumeId({ path }));
  noteRead(feedId, data);
  return data;
}

/** Keep somebody as a favourite, or no more: shown at once, and taken back if the server refuses it. */
export function setFavourite(whom: Whom, isOn: boolean): () => Promise<void> {
  const { resumeId } = whom;
  const undo = postUndoable({ kind: "favourite", ...whom, isOn }, { kind: "favourite", isOn: !isOn });
  patchPerson(resumeId, { favStatus: isOn });
  return async () => {
    await undo();
    patchPerson(resumeId, { favStatus: !isOn });
  };
}

export interface Unlocked {
  contact: Item["contact_info"];
  /** How many more contacts may be unlocked today. */
  left: number;
}

/** Unlock a contact; null where the candidate keeps it secret. */
export async function unlock(feedId: string, resumeId: string): Promise<Unlocked | null> {
  const answer = await ask(
    postResumesDownloadResumeId({
      path: pathOf(resumeId),
      body: { feed_id: feedId },
    }),
    ["ok", "secret"],
  );
  if (answer.status === "secret") return null;
  patchPerson(resumeId, { contact_info: answer.contact_info });
  staleFavourites();
  staleMarked();
  staleSearch();
  return { contact: answer.contact_info, left: answer.unlocks_left };
}

/** What the server answered to an act of the outbox. */
export function noteDelivered(act: Act, { mark_log, comment_log }: Delivered): void {
  const { resumeId } = act;
  if (act.kind === "many") {
    staleFavourites();
    staleMarked();
    staleSearch();
    const list = listFor(act.feedId);
    if (list.isLoaded) void refresh(list);
  }
  if (mark_log) {
    patchPerson(resumeId, { mark_log });
    staleSearch();
  }
  if (comment_log) patchPerson(resumeId, { comment_log });
  if (mark_log || comment_log) staleMarked();
  if (act.kind !== "favourite") return;
  // What was read meanwhile may be from before; what was done since counts.
  patchPerson(resumeId, { favStatus: favouriteToBe(resumeId) ?? act.isOn });
  if (act.isOn) staleFavourites();
  else forgetFavourite(resumeId);
}

/** What was shown at once and is not so. */
export function noteRefused(act: Act): void {
  if (act.kind !== "favourite") return;
  patchPerson(act.resumeId, { favStatus: favouriteToBe(act.resumeId) ?? !act.isOn });
}

/** Take two resumes for one person's, or for two people's. The list shows it at once. */
export async function joinOrPart(
  what: "join" | "part",
  feedId: string,
  resumeId: string,
  otherId: string,
): Promise<void> {
  const body = { resume_id: resumeId, other_id: otherId };
  if (what === "join") await ask(postResumesJoin({ body }));
  else await ask(postResumesPart({ body }));
  staleFavourites();
  const list = listFor(feedId);
  if (list.isLoaded) void refresh(list);
}
