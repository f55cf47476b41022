/** What a recruiter does with people: what each act is, how the server is told of it, and what it is called. */
import { ask } from "../api/ask";
import {
  postFeedModifyFeedResult,
  postResumesAddWatchResumeId,
  postResumesCommentResumeId,
  postResumesCommentResumeIdCommentId,
  postResumesMarkResumeId,
  postResumesMarkResumeIdMarkId,
  postResumesRemoveWatchResumeId,
  postSpecialFeedResults,
} from "../api/generated/sdk.gen";
import type { ManyResults } from "../api/generated/types.gen";
import type { CommentChange, Item, MarkChange, NewInterview } from "../api/types";

/** A mark that is to be set. */
export interface NewMark {
  name: string;
  isGood: boolean;
  /** When to come back to them, `YYYY-MM-DD` or `YYYY-MM-DD HH:MM`; "" for never. */
  remind?: string;
  interview?: NewInterview;
}

export type What =
  | ({ kind: "mark" } & NewMark)
  | { kind: "comment"; content: string }
  | { kind: "markChange"; noteId: string; change: MarkChange }
  | { kind: "commentChange"; noteId: string; change: CommentChange }
  | { kind: "favourite"; isOn: boolean }
  | { kind: "remove"; reasons: readonly string[] }
  | { kind: "restore" }
  | { kind: "many"; resumeIds: readonly string[]; step: Step };

/** What is done with several people of a feed at once. */
export type Step = Omit<ManyResults, "feed_id" | "resume_ids" | "client_id">;

export interface Whom {
  feedId: string;
  /** "" of several. */
  resumeId: string;
  /** The person in words. */
  who: string;
}

export type Act = What &
  Whom & {
    id: string;
    user: string;
    /** When it was done, in milliseconds; no two at the same. */
    at: number;
    /** What the server has against it; "" while it waits. */
    refusal: string;
  };

/** What the server says to an act. */
export interface Delivered {
  mark_log?: Item["mark_log"];
  comment_log?: Item["comment_log"];
  /** Of several people, what came of each. */
  results?: readonly { id: string; status: string }[];
}

/** Whether an act is about a person. */
export const isAbout = (act: Act, resumeId: string): boolean =>
  act.kind === "many" ? act.resumeIds.includes(resumeId) : act.resumeId === resumeId;

/** Whether an act says what came of people. */
export const isOutcome = (act: Act): boolean =>
  isRemoval(act) || act.kind === "mark" || (act.kind === "many" && act.step.action === "mark");

/** Whether an act takes people out of their list. */
export const isRemoval = (act: Act): boolean =>
  act.kind === "remove" || (act.kind === "many" && act.step.action === "delete");

/** Tell the server of an act; again is harmless. */
export function send(act: Act): Promise<Delivered> {
  const path = { resume_id: act.resumeId };
  switch (act.kind) {
    case "mark": {
      const { name, isGood, remind = "", interview } = act;
      const body = {
        feed_id: act.feedId,
        mark_name: name,
        good_result: isGood,
        ...(remind.length > 10 ? { remind_at: remind } : { remind_on: remind }),
        ...(interview && { interview }),
        client_id: act.id,
      };
      return ask(postResumesMarkResumeId({ path, body }));
    }
    case "comment":
      return ask(postResumesCommentResumeId({ path, body: { content: act.content, client_id: act.id } }));
    case "markChange":
      return ask(postResumesMarkResumeIdMarkId({ path: { ...path, mark_id: act.noteId }, body: act.change }));
    case "commentChange":
      return ask(
        postResumesCommentResumeIdCommentId({ path: { ...path, comment_id: act.noteId }, body: act.change }),
      );
    case "favourite":
      return watch({ path, query: { feed_id: act.feedId } }, act.isOn);
    case "remove":
      return modify(act, -150, act.reasons);
    case "restore":
      return modify(act, 150);
    case "many": {
      const body = { ...act.step, feed_id: act.feedId, resume_ids: [...act.resumeIds], client_id: act.id };
      return ask(postSpecialFeedResults({ body }));
    }
  }
}

async function watch(
  of: { path: { resume_id: string }; query: { feed_id: string } },
  isOn: boolean,
): Promise<Delivered> {
  if (isOn) await ask(postResumesAddWatchResumeId(of));
  else await ask(postResumesRemoveWatchResumeId(of));
  return {};
}

/** Delete a result from its list, or restore it. */
async function modify({ feedId, resumeId }: Whom, index: 150 | -150, reasons: readonly string[] = []) {
  const feedback = reasons.join(",");
  const query = { feed_id: feedId, resume_id: resumeId, reco_index: index, ...(feedback && { feedback }) };
  await ask(postFeedModifyFeedResult({ query }));
  return {};
}

const STEPS: Record<Step["action"], string> = {
  delete: "移出列表",
  restore: "移回列表",
  watch: "收藏",
  unwatch: "取消收藏",
  read: "标为已读",
  mark: "标记",
  unmark: "撤销标记",
};

/** What an act does, in words. */
export function actText(act: Act): string {
  switch (act.kind) {
    case "mark":
      return act.name;
    case "comment":
      return "备注";
    case "markChange":
      return changeText(act.change, act.change.mark_name ? `改为${act.change.mark_name}` : "改提醒", "标记");
    case "commentChange":
      return changeText(act.change, "修改备注", "备注");
    case "favourite":
      return act.isOn ? "收藏" : "取消收藏";
    case "remove":
      return "移出列表";
    case "restore":
      return "移回列表";
    case "many":
      return act.step.mark_name || STEPS[act.step.action];
  }
}

const changeText = ({ taken_back }: MarkChange | CommentChange, changed: string, note: string): string =>
  taken_back === undefined ? changed : `${taken_back ? "撤销" : "恢复"}${note}`;
