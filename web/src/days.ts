/** The days of a list. */
import type { Item } from "./api/types";
import { dayName } from "./text/format";

export interface Day {
  /** 今天, 昨天, or a date; empty where the list is not by days. */
  name: string;
  items: Item[];
}

/**
 * Group a list by the days of its results, each day once: who is put back after the list was read anew may come to stand
 * among those of another day. A list of another order is one group.
 */
export function daysOf(items: readonly Item[], isByDay: boolean, now = Date.now()): Day[] {
  const days = new Map<string, Day>();
  for (const item of items) {
    const date = isByDay ? item.pub_time.slice(0, 10) : "";
    const day = days.get(date);
    if (day) day.items.push(item);
    else days.set(date, { name: date && dayName(date, now), items: [item] });
  }
  return [...days.values()];
}
