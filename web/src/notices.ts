/** Notices for a recruiter who is away: the words for each channel, and what of the page's form has changed. */
import type { ChannelState, NoticesAnswer, NoticesForm } from "./api/types";

type Kind = NonNullable<NoticesForm["channels"]>[number]["kind"];

export const CHANNELS: Record<Kind, string> = {
  wecom: "企业微信",
  robot: "企业微信群机器人",
  mini: "微信小程序",
  mp: "公众号",
  mail: "邮件",
};

export const channelName = (kind: string): string => CHANNELS[kind as Kind] ?? kind;

/** The form as it is filled in; a channel that was given up counts as off, so that a tap turns it on again. */
export interface NoticeValues {
  on: Record<string, boolean>;
  quiet: string;
  digests: string;
  at_once_score: string;
  /** What was typed for the robot. The key that the server keeps is never given back. */
  robot_key: string;
}

export function valuesOf(answer: NoticesAnswer): NoticeValues {
  return {
    on: Object.fromEntries(answer.channels.map((one) => [one.kind, one.on && one.state !== "failed"])),
    quiet: answer.quiet,
    digests: answer.digests,
    at_once_score: answer.at_once_score === null ? "" : String(answer.at_once_score),
    robot_key: "",
  };
}

/**
 * What is sent of a form: the fields that differ from what the server has.
 *
 * @param removesRobot whether the robot's key is to be taken away
 */
export function changesOf(now: NoticeValues, saved: NoticeValues, removesRobot: boolean): NoticesForm {
  const changes: NoticesForm = {};
  const channels = Object.entries(now.on).filter(([kind, on]) => on !== saved.on[kind]);
  if (channels.length) changes.channels = channels.map(([kind, on]) => ({ kind: kind as Kind, on }));
  if (now.quiet !== saved.quiet) changes.quiet = now.quiet;
  if (now.digests !== saved.digests) changes.digests = now.digests;
  const score = now.at_once_score.trim();
  if (score !== saved.at_once_score) changes.at_once_score = score;
  if (removesRobot) changes.robot_key = "";
  else if (now.robot_key) changes.robot_key = now.robot_key;
  return changes;
}

/** The key in whatever was pasted: WeCom gives recruiters a whole address, of which only the key is sent on. */
export function robotKeyOf(pasted: string): string {
  return (/[?&]key=([^&#\s]*)/.exec(pasted)?.[1] ?? pasted).trim();
}

/** Whether the server has a robot's key. Nothing else can be missing of a robot. */
export const hasRobotKey = (robot: ChannelState): boolean => robot.state === "failed" || robot.reason === "";

/** How a channel is, in words. */
export function stateText(one: ChannelState): string {
  if (one.state === "failed") return `已停用：${one.reason}`;
  const left = one.left ? `还能提醒 ${one.left} 次` : "";
  if (one.state === "ok") return left || "可用";
  if (one.on) return one.reason;
  return left ? `已关闭，${left}` : "已关闭";
}
