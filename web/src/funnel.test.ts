import { describe, expect, it } from "vitest";
import type { MarkedItem } from "./api/types";
import { peopleAt, reachedAt, STEPS, weekOf, workBy } from "./funnel";

const at = (clock: string): number => Date.parse(`${clock}+08:00`) / 1000;
const log = (...marks: [name: string, clock: string][]) =>
  marks.map(([mark_name, clock]) => ({ mark_name, mark_time: at(clock) })) as MarkedItem["mark_log"];
const person = (feed_id: string, ...marks: [string, string][]) =>
  ({ mark_log: log(...marks).map((mark) => ({ ...mark, feed_id })) }) as MarkedItem;

describe("the funnel", () => {
  it("has weeks that begin on Monday in China", () => {
    const monday = at("2026-11-30T00:00");
    expect(weekOf(monday)).toBe(monday);
    expect(weekOf(at("2026-12-06T23:59"))).toBe(monday);
    expect(weekOf(monday - 1)).toBe(at("2026-11-23T00:00"));
  });

  it("counts somebody who skipped a step in it, when they first got beyond", () => {
    const marks = log(
      ["不合适", "2026-11-01T10:00"],
      ["已发Offer", "2026-11-30T10:00"],
      ["已入职", "2026-12-01T10:00"],
    );
    expect(reachedAt(marks, "contacted")).toBe(at("2026-11-30T10:00"));
    expect(reachedAt(marks, "hired")).toBe(at("2026-12-01T10:00"));
    expect(reachedAt(log(["自己的", "2026-11-30T10:00"]), "contacted")).toBe(Infinity);
  });

  it("says where somebody stands by the latest outcome alone", () => {
    expect(workBy(log(["约面试", "2026-11-01T10:00"], ["自己的", "2026-11-02T10:00"]))).toBe("interview");
    expect(workBy([])).toBe("undecided");
  });

  it("is cut by feed and by week", () => {
    const people = [
      person("a", ["已联系", "2026-11-24T10:00"], ["约面试", "2026-12-01T10:00"]),
      person("b", ["已联系", "2026-12-02T10:00"]),
    ];
    const week = at("2026-11-30T00:00");
    const counts = (cut: { feedId: string; week: number }) =>
      STEPS.map((step) => peopleAt(people, step, cut).length);
    expect(counts({ feedId: "", week: 0 })).toEqual([2, 1, 0, 0]);
    expect(counts({ feedId: "", week })).toEqual([1, 1, 0, 0]);
    expect(counts({ feedId: "a", week })).toEqual([0, 1, 0, 0]);
    // Who was marked for another feed since still counts in the first.
    const log = people.flatMap((one) => one.mark_log);
    const both = { mark_log: log } as MarkedItem;
    const of = (feedId: string) => STEPS.map((step) => peopleAt([both], step, { feedId, week: 0 }).length);
    expect([of("a"), of("b")]).toEqual([
      [1, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
  });
});
