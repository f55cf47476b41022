/** How far people got, by their marks: contacted, interviewed, offered, hired. Pure. */
import type { Item, MarkedItem } from "./api/types";

export const STEPS = ["contacted", "interview", "offer", "hired"] as const;
export type Step = (typeof STEPS)[number];

const of = <W extends Item["work"]>(work: W, ...marks: string[]) =>
  marks.map((name) => [name, work] as const);
/** Where a mark leads, as the API's `work` says it. Other marks say nothing of it. */
const WORK_OF: ReadonlyMap<string, Item["work"]> = new Map<string, Item["work"]>([
  ...of("contacted", "已联系", "没接", "稍后再打", "加了微信"),
  ...of("interview", "约面试", "面试通过"),
  ...of("offer", "已发Offer", "已发 Offer"),
  ...of("hired", "已入职"),
  ...of("rejected", "不合适", "对方不考虑", "面试未通过"),
]);

type Log = MarkedItem["mark_log"];

/** Where somebody stands by their marks. */
export const workBy = (log: Log): Item["work"] =>
  log.reduce<Item["work"]>((work, { mark_name }) => WORK_OF.get(mark_name) ?? work, "undecided");

/** When somebody first got to a step or beyond it for a feed, or for any, in Unix seconds; infinite where they never did. */
export function reachedAt(log: Log, step: Step, feedId = ""): number {
  const later: readonly string[] = STEPS.slice(STEPS.indexOf(step));
  const times = log
    .filter(({ feed_id }) => !feedId || feed_id === feedId)
    .filter(({ mark_name }) => later.includes(WORK_OF.get(mark_name) ?? ""))
    .map(({ mark_time }) => mark_time);
  return Math.min(...times);
}

const DAY_S = 86_400;
const CHINA_S = 8 * 3_600;

/** When the week of a moment begins: Monday in China, in Unix seconds. */
export function weekOf(seconds: number): number {
  const days = Math.floor((seconds + CHINA_S) / DAY_S);
  return (days - ((days + 3) % 7)) * DAY_S - CHINA_S; // 1970 began on a Thursday
}

/** The day on which a week begins, as the API names it. */
export const dayOfWeek = (week: number): string =>
  new Date((week + CHINA_S) * 1000).toISOString().slice(0, 10);

export interface Cut {
  /** For which feed they got there; "" for any. */
  feedId: string;
  /** The week in which they got there, as `weekOf`; 0 for any. */
  week: number;
}

/** The people who got to a step, within a feed and a week. */
export const peopleAt = (people: readonly MarkedItem[], step: Step, { feedId, week }: Cut): MarkedItem[] =>
  people.filter((one) => {
    const at = reachedAt(one.mark_log, step, feedId);
    return at < Infinity && (!week || weekOf(at) === week);
  });
