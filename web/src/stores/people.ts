/** What the account keeps of a person: favourite, contact, marks, comments. */
import { ask } from "../api/ask";
import {
  postFeedGetFeedIdResumeId,
  postResumesAddWatchResumeId,
  postResumesCommentResumeIdCommentId,
  postResumesDownloadResumeId,
  postResumesJoin,
  postResumesMarkResumeIdMarkId,
  postResumesPart,
  postResumesRemoveWatchResumeId,
} from "../api/generated/sdk.gen";
import type { CommentChange, Item, MarkChange } from "../api/types";
import { forgetFavourite, staleFavourites } from "./favourites";
import { staleMarked } from "./marked";
import type { Delivered } from "./outbox";
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

export async function setFavourite(feedId: string, resumeId: string, isOn: boolean): Promise<void> {
  const params = { path: pathOf(resumeId), query: { feed_id: feedId } };
  if (isOn) await ask(postResumesAddWatchResumeId(params));
  else await ask(postResumesRemoveWatchResumeId(params));
  patchPerson(resumeId, { favStatus: isOn });
  if (isOn) staleFavourites();
  else forgetFavourite(resumeId);
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
export function noteDelivered(
  { resumeId }: { resumeId: string },
  { mark_log, comment_log }: Delivered,
): void {
  if (mark_log) marked(resumeId, { mark_log });
  if (comment_log) commented(resumeId, { comment_log });
}

/** Correct a mark, move its reminder, take it back, or give it back; what is left out stays. */
export async function changeMark(
  resumeId: string,
  markId: string,
  body: MarkChange,
): Promise<Item["mark_log"]> {
  const path = { ...pathOf(resumeId), mark_id: markId };
  return marked(resumeId, await ask(postResumesMarkResumeIdMarkId({ path, body })));
}

function marked(resumeId: string, { mark_log }: { mark_log: Item["mark_log"] }): Item["mark_log"] {
  patchPerson(resumeId, { mark_log });
  staleMarked();
  staleSearch();
  return mark_log;
}

/** Correct a comment, take it back, or give it back; what is left out stays. */
export async function changeComment(
  resumeId: string,
  commentId: string,
  body: CommentChange,
): Promise<Item["comment_log"]> {
  const path = { ...pathOf(resumeId), comment_id: commentId };
  return commented(resumeId, await ask(postResumesCommentResumeIdCommentId({ path, body })));
}

function commented(
  resumeId: string,
  { comment_log }: { comment_log: Item["comment_log"] },
): Item["comment_log"] {
  patchPerson(resumeId, { comment_log });
  staleMarked();
  return comment_log;
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
