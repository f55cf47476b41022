import { expect, it } from "vitest";
import type { Work } from "../api/types";
import { careerOf } from "./career";

const NOW = Date.parse("2026-06-15T12:00:00+08:00");
const work = (start_time: string, end_time: string, duration = ""): Work =>
  ({ compnay_name: "某公司", position_title: "会计", start_time, end_time, duration }) as Work;
const told = (...works: Work[]) => careerOf(works, NOW).map(({ length, gap }) => [length, gap]);

it("tells how long jobs took, however their dates are written", () => {
  expect(told(work("2024年3月", "至今"))).toEqual([["2年3个月", ""]]);
  expect(told(work("2026.5", "Present"), work("2025/7", "2026-05-01"))).toEqual([
    ["1个月", ""],
    ["10个月", ""],
  ]);
  expect(told(work("2019", "2021"), work("", "", "6个月"))).toEqual([
    ["", ""],
    ["6个月", ""],
  ]);
});

it("tells of gaps that are longer than a holiday, and of one that lasts", () => {
  expect(told(work("2025-01", "2025-10"), work("2022-01", "2023-12"))).toEqual([
    ["9个月", "8个月"],
    ["1年11个月", "1年"],
  ]);
  expect(told(work("2025-01", "至今"), work("2022-01", "2024-11"))[1]).toEqual(["2年10个月", ""]);
  // Two at a time are no gap, and the oldest first is turned.
  expect(told(work("2020-01", "至今"), work("2021-01", "2022-01"))[1]).toEqual(["1年", ""]);
  const jobs = [work("2020-01", "至今"), work("2016-01", "2019-01"), work("2012-01", "2016-01")];
  expect(told(...jobs.reverse())).toEqual([
    ["6年5个月", ""],
    ["3年", "11个月"],
    ["4年", ""],
  ]);
});
