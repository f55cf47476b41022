import { expect, test } from "vitest";
import type { Item } from "./api/types";
import { daysOf } from "./days";

const NOW = Date.parse("2026-11-27T09:00:00+08:00");
const at = (pub_time: string) => ({ pub_time }) as Item;
const LIST = [
  at("2026-11-27 08:59:59"),
  at("2026-11-27 00:00:00"),
  at("2026-11-26 23:59:59"),
  at("2025-12-31 12:00:00"),
];

test("a list by days has a group a day, named as one says it", () => {
  const days = daysOf(LIST, true, NOW);
  expect(days.map((day) => [day.name, day.items.length])).toEqual([
    ["今天", 2],
    ["昨天", 1],
    ["2025-12-31", 1],
  ]);
});

test("one that comes back to another place is in the group of its day", () => {
  const days = daysOf([LIST[0]!, LIST[2]!, LIST[1]!], true, NOW);
  expect(days.map((day) => [day.name, day.items.length])).toEqual([
    ["今天", 2],
    ["昨天", 1],
  ]);
});

test("a list of another order is one group without a name", () => {
  expect(daysOf(LIST, false, NOW)).toEqual([{ name: "", items: LIST }]);
});

test("an empty list has no groups", () => {
  expect(daysOf([], true, NOW)).toEqual([]);
});
