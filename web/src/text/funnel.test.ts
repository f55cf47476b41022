import { expect, it } from "vitest";
import type { MarkedItem } from "../api/types";
import { mondayOf, STAGES, weeksOf } from "./funnel";

const NOW = Date.parse("2026-12-02T00:30:00+08:00"); // a Wednesday in China, a Tuesday elsewhere
const person = (id: string, ...marks: [name: string, clock: string][]): MarkedItem =>
  ({
    resume: { id },
    mark_log: marks.map(([mark_name, clock]) => ({
      mark_name,
      mark_time: Date.parse(`${clock}+08:00`) / 1000,
    })),
  }) as unknown as MarkedItem;

it("weeks begin on Mondays in China", () => {
  expect(mondayOf(NOW)).toBe("2026-11-30");
  expect(mondayOf(Date.parse("2026-11-29T23:59:00+08:00"))).toBe("2026-11-23");
});

it("whoever got far has got to what comes before, once, in the week in which they did", () => {
  const weeks = weeksOf(
    [
      person(
        "a",
        ["没接", "2026-11-24T10:00"],
        ["已联系", "2026-12-01T10:00"],
        ["约面试", "2026-12-01T11:00"],
      ),
      person("b", ["已发Offer", "2026-11-30T00:00"]),
      person("c", ["不合适", "2026-12-01T09:00"]),
      person("d", ["已联系", "2026-10-01T09:00"]),
    ],
    2,
    NOW,
  );
  const ids = weeks.map(({ people }) =>
    STAGES.map((stage) => people[stage].map(({ resume }) => resume.id).join("")),
  );
  expect(ids).toEqual([
    ["b", "ab", "b", ""],
    ["a", "", "", ""],
  ]);
});
