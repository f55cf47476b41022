/** What the account keeps of a person: favourite, contact, marks, comments. */
import { ask } from "../api/ask";
import {
  postFeedGetFeedIdResumeId,
  postResumesAddWatchResumeId,
  postResumesCommentResumeId,
  postResumesDownloadResumeId,
  postResumesJoin,
  postResumesMarkResumeId,
  postResumesPart,
  postResumesRemoveWatchResumeId,
} from "../api/generated/sdk.gen";
import type { Item } from "../api/types";
import { forgetFavourite, staleFavourites } from "./favourites";
import { listFor, noteRead, patchPerson, refresh } from "./results";

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

/** Unlock a contact; null where the candidate keeps it secret. */
export async function unlock(feedId: string, resumeId: string): Promise<Item["contact_info"] | null> {
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
  return answer.contact_info;
}

export async function mark(
  feedId: string,
  resumeId: string,
  name: string,
  isGood: boolean,
): Promise<Item["mark_log"]> {
  const answer = await ask(
    postResumesMarkResumeId({
      path: pathOf(resumeId),
      body: { feed_id: feedId, mark_name: name, good_result: isGood },
    }),
  );
  patchPerson(resumeId, { mark_log: answer.mark_log });
  return answer.mark_log;
}

export async function comment(resumeId: string, content: string): Promise<Item["comment_log"]> {
  const answer = await ask(postResumesCommentResumeId({ path: pathOf(resumeId), body: { content } }));
  patchPerson(resumeId, { comment_log: answer.comment_log });
  return answer.comment_log;
}

/** Take two resumes for one person's, or for two people's. The list shows it at once. */
export async function decide(
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
