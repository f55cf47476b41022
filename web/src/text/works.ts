/** When jobs began and ended, and which was the last. Pure. */
import type { Resume, Work } from "../api/types";

const TO_NOW = /至今|现在|目前|present|now/i;

/** The month of a moment in milliseconds, counted from year 0. */
export function monthOfMoment(moment: number): number {
  const day = new Date(moment);
  return day.getFullYear() * 12 + day.getMonth();
}

/** A date as people write it, in months since year 0; null where it has no month. */
export function monthOf(text: string, now: number): number | null {
  if (TO_NOW.test(text)) return now;
  const [, year, month] = /^\s*((?:19|20)\d\d)\s*[-./年]\s*(\d{1,2})(?!\d)/.exec(text) ?? [];
  const number = Number(month);
  return year && number >= 1 && number <= 12 ? Number(year) * 12 + number - 1 : null;
}

/** Jobs, the one that ended last first, where all say when they ended; else in the order of the resume. */
export function latestFirst(works: readonly Work[], now = monthOfMoment(Date.now())): Work[] {
  const dated = works.map((work) => ({
    work,
    start: monthOf(work.start_time, now) ?? 0,
    end: monthOf(work.end_time, now),
  }));
  if (dated.some(({ end }) => end === null)) return [...works];
  return dated
    .sort((one, other) => (other.end ?? 0) - (one.end ?? 0) || other.start - one.start)
    .map(({ work }) => work);
}

export const lastWork = (resume: Pick<Resume, "works">): Work | undefined => latestFirst(resume.works)[0];
