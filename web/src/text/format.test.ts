import { describe, expect, it } from "vitest";
import type { Resume } from "../api/types";
import {
  activeText,
  careerText,
  clientOf,
  dayAhead,
  dayName,
  joined,
  listOf,
  mailtoOf,
  payText,
  periodOf,
  reminderName,
  salaryText,
  yearsText,
} from "./format";

describe("pay", () => {
  it("is said in thousands, and negotiable without bounds", () => {
    expect(salaryText(0, 1_000_000)).toBe("面议");
    expect(salaryText(8000, 16_500)).toBe("8K–16.5K");
    expect(salaryText(8000, 1_000_000)).toBe("8K 以上");
    expect(salaryText(0, 5000)).toBe("5K 以下");
    expect(salaryText(5000, 5000)).toBe("5K");
  });
  it("of a resume stays as it was written unless it is plain numbers", () => {
    expect(payText("8000-12000")).toBe("8K–12K");
    expect(payText("13500-17000元/月")).toBe("13.5K–17K");
    expect(payText(9000)).toBe("9K");
    expect(payText("15K以上")).toBe("15K 以上");
    expect(payText("")).toBe("");
  });
  it("is in one spelling, whoever wrote it", () => {
    const written = [
      "8-12K",
      "8k~12k",
      "8千-1.2万",
      "0.8-1.2万/月",
      "￥8,000-12,000 元/月",
      "8000至12000",
      "月薪8K-12K",
    ];
    expect(written.map(payText)).toEqual(written.map(() => "8K–12K"));
    expect(["2万以上", "1万5", "9000元", "8K以下", "20k+"].map(payText)).toEqual([
      "20K 以上",
      "1万5",
      "9K",
      "8K 以下",
      "20K 以上",
    ]);
  });
  it("that is no pay a month stays as it was written", () => {
    const others = [
      "面议",
      "日结400",
      "300-400",
      "30万/年",
      "12-8K",
      "8K-12K·14薪",
      "1-2-3K",
      "8K-12K以上",
      "0",
    ];
    expect(others.map(payText)).toEqual(others);
  });
});

it("years are in one spelling, and what else they say stays", () => {
  expect(
    ["5年工作经验", "3 - 5 年", "10年以上", "8+", "3到5年经验", "两年半", "5年（含实习）"].map(yearsText),
  ).toEqual(["5年经验", "3–5年经验", "10年以上经验", "8年以上经验", "3–5年经验", "两年半", "5年（含实习）"]);
});

it("news of somebody is said by how long ago it was, in days of China", () => {
  const now = Date.parse("2026-03-02T00:30:00+08:00");
  const clocks = [
    "2026-03-02",
    "2026-03-01",
    "2026-02-27",
    "2026-01-01",
    "2025-03-03",
    "2024-01-01",
    "2026-03-09",
    "",
  ];
  expect(clocks.map((day) => activeText(day && `${day} 10:00:00`, now))).toEqual([
    "今天活跃",
    "昨天活跃",
    "3 天前活跃",
    "1 个月前活跃",
    "11 个月前活跃",
    "一年前活跃",
    "",
    "",
  ]);
});

it("years of work are said as people say them", () => {
  expect(["5年", 5, "3-5年", "应届", 0, ""].map(yearsText)).toEqual([
    "5年经验",
    "5年经验",
    "3–5年经验",
    "应届",
    "应届",
    "",
  ]);
});

it("days have names, counted in China whatever the device's zone", () => {
  const now = Date.parse("2026-03-02T00:30:00+08:00");
  expect(dayName("2026-03-02 00:10:00", now)).toBe("今天");
  expect(dayName("2026-03-01 23:50:00", now)).toBe("昨天");
  expect(dayName("2026-02-07 10:00:00", now)).toBe("2月7日");
  expect(dayName("2025-12-31 10:00:00", now)).toBe("2025-12-31");
});

it("lists are read with any comma, and periods written with dots", () => {
  expect(listOf(" Python，mysql、redis;Python\nLinux ")).toEqual(["Python", "mysql", "redis", "Linux"]);
  expect(periodOf({ start_time: "2020-01", end_time: "至今" })).toBe("2020.01 – 至今");
});

it("a link to write to somebody holds nothing but the address", () => {
  expect(mailtoOf("lin.wan@example.com")).toBe("mailto:lin.wan@example.com");
  expect(mailtoOf("a?bcc=x@example.com&body=hi")).toBe("mailto:a%3Fbcc%3Dx@example.com%26body%3Dhi");
  expect(mailtoOf('x" onclick="y')).toBe("mailto:x%22%20onclick%3D%22y");
});

it("clients are called by what they run on", () => {
  expect(
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0",
      "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/120 Safari/537 Edg/120",
      "curl/8.5.0",
      "",
    ].map(clientOf),
  ).toEqual(["苹果手机 · 微信", "Windows 电脑 · Edge", "curl/8.5.0", "未知设备"]);
});

it("what is not known is left out of a line, a 0 too", () => {
  expect(joined(["女", 0 && "0岁", "", null, undefined, false, "5年经验"])).toBe("女 · 5年经验");
});

describe("a day to come back to somebody", () => {
  const noon = Date.parse("2026-11-27T12:00:00+08:00"); // a Friday
  it("is named as one says it, by the day in China", () => {
    expect(dayAhead(1, noon)).toBe("2026-11-28");
    expect(dayAhead(0, Date.parse("2026-11-27T23:30:00+08:00"))).toBe("2026-11-27");
    const named = [
      "2026-11-27",
      "2026-11-28",
      "2026-11-29",
      "2026-11-30",
      "2026-12-03",
      "2026-12-04",
      "2026-11-26",
    ];
    expect(named.map((day) => reminderName(day, noon))).toEqual([
      "今天",
      "明天",
      "后天",
      "周一",
      "周四",
      "12月4日",
      "昨天",
    ]);
  });
});

describe("years of work", () => {
  const now = Date.parse("2026-12-01T04:00Z");
  const of = (work_years: string, ...spans: [string, string][]) =>
    careerText(
      { work_years, works: spans.map(([start_time, end_time]) => ({ start_time, end_time })) } as Resume,
      now,
    );

  it("are those that a resume says", () => {
    expect(of("3", ["2010-01", "至今"])).toBe("3年经验");
    expect(of("")).toBe("");
    expect(of("", ["", "2020"])).toBe("");
  });

  it("else those between the first start and the last end", () => {
    expect(of("", ["2019年3月", "2021-02"], ["2021.3", "至今"])).toBe("7年经验");
    expect(of("", ["2026-09", "Present"])).toBe("不到1年经验");
    expect(of("", ["2018", ""])).toBe("1年经验");
    expect(of("", ["2030-01", "至今"])).toBe("");
  });
});
