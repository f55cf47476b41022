/** The days of a list. */
import type { Item } from "./api/types";
import { dayName } from "./text/format";

export interface Day {
  /** 今天, 昨天, or a date; empty where the list is not by days. */
  name: string;
  items: Item[];
}

/** Group a list by the days of its results, which follow each other. A list of another order is one group. */
export function daysOf(items: readonly Item[], isByDay: boolean, now = Date.now()): Day[] {
  const days: Day[] = [];
  let last = "";
  for (const item of items) {
    const date = isByDay ? item.pub_time.slice(0, 10) : "";
    const day = days[days.length - 1];
    if (day && date === last) day.items.push(item);
    else days.push({ name: date && dayName(date, now), items: [item] });
    last = date;
  }
  return days;
}
