/** How far people got, week by week, by the marks that were set. Pure. */
import type { MarkedItem } from "../api/types";
import { dayAhead } from "./format";

export const STAGES = ["contacted", "interview", "offer", "hired"] as const;
export type Stage = (typeof STAGES)[number];

/** The stage that each mark stands for; who was turned down has been spoken to. */
const STAGE_OF: Record<string, Stage> = {
  已联系: "contacted",
  没接: "contacted",
  稍后再打: "contacted",
  加了微信: "contacted",
  对方不考虑: "contacted",
  约面试: "interview",
  面试通过: "interview",
  已发Offer: "offer",
  已入职: "hired",
};

export interface Week {
  /** Its Monday in China, `YYYY-MM-DD`. */
  monday: string;
  people: Record<Stage, MarkedItem[]>;
}

const DAY_MS = 86_400_000;

/** The Monday of a moment's week, in China. */
export function mondayOf(moment: number): string {
  const weekday = new Date(`${dayAhead(0, moment)}T00:00Z`).getUTCDay();
  return dayAhead(-((weekday + 6) % 7), moment);
}

/** When somebody first got to a stage or beyond it, in milliseconds; null where they never did. */
function reachedAt({ mark_log }: MarkedItem, stage: Stage): number | null {
  const least = STAGES.indexOf(stage);
  const times = mark_log
    .filter(({ mark_name }) => STAGES.indexOf(STAGE_OF[mark_name] as Stage) >= least)
    .map(({ mark_time }) => mark_time * 1000);
  return times.length ? Math.min(...times) : null;
}

/** The latest weeks, the newest first. Each person is in each stage once: in the week in which they first got there. */
export function weeksOf(people: readonly MarkedItem[], count: number, now = Date.now()): Week[] {
  const weeks = Array.from({ length: count }, (_, at) => ({
    monday: mondayOf(now - at * 7 * DAY_MS),
    people: { contacted: [], interview: [], offer: [], hired: [] } as Week["people"],
  }));
  for (const person of people) {
    for (const stage of STAGES) {
      const at = reachedAt(person, stage);
      const week = at !== null && weeks.find(({ monday }) => monday === mondayOf(at));
      if (week) week.people[stage].push(person);
    }
  }
  return weeks;
}
