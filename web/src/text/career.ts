/** What a recruiter reads first of a resume: the last jobs, for how long, and the gaps between them. Pure. */
import type { Work } from "../api/types";
import { periodOf } from "./format";
import { latestFirst, monthOf, monthOfMoment } from "./works";

export interface Job {
  company: string;
  title: string;
  period: string;
  /** How long it took, in words; "" where the dates do not say. */
  length: string;
  /** How long nothing is told of after it, in words; "" for none. */
  gap: string;
}

/** Shorter ones are holidays between two jobs, or rounded dates. In months. */
const SHORTEST_GAP = 3;
export function monthsText(months: number): string {
  const [years, rest] = [Math.floor(months / 12), months % 12];
  return `${years ? `${years}年` : ""}${rest || !years ? `${rest}个月` : ""}`;
}

/**
 * Jobs, the latest first.
 *
 * @param moment now, in milliseconds
 */
export function careerOf(unordered: readonly Work[], moment = Date.now()): Job[] {
  const now = monthOfMoment(moment);
  const works = latestFirst(unordered, now);
  const dates = works.map((work) => ({
    start: monthOf(work.start_time, now),
    end: monthOf(work.end_time, now),
  }));
  return works.map((work, at) => {
    const { start = null, end = null } = dates[at] ?? {};
    // The latest job is followed by today; where two overlap or stand the other way round, there is no gap.
    const next = at === 0 ? now : (dates[at - 1]?.start ?? null);
    const gap = end !== null && next !== null ? next - end - (at === 0 ? 0 : 1) : 0;
    const months = start !== null && end !== null && end >= start ? Math.max(1, end - start) : 0;
    return {
      company: work.compnay_name,
      title: work.position_title,
      period: periodOf(work),
      length: work.duration || (months ? monthsText(months) : ""),
      gap: gap >= SHORTEST_GAP ? monthsText(gap) : "",
    };
  });
}
