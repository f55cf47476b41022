import { describe, expect, it } from "vitest";
import {
  filtersFrom,
  type Filters,
  inOrder,
  isFiltered,
  noFilters,
  queryOf,
  setFilters,
  unfiltered,
  urlQueryOf,
} from "./filters";

const with_ = (change: Partial<Filters>): Filters => ({ ...noFilters(), ...change });
const everything = with_({
  tier: "all",
  sort: "new",
  kind: "extend_match",
  isUnreadOnly: true,
  days: 15,
  areas: ["上海", "西二旗"],
  salaryMin: 8000,
  salaryMax: 20_000,
  degree: "bachelor",
  yearsMin: 3,
  yearsMax: 5,
  schools: ["985", "abroad"],
  scoreMin: 60,
  states: ["left", "open"],
  mark: "约面试",
  work: "undecided",
  isFavouriteOnly: true,
  search: "Python 上海",
  isRemoved: true,
});

describe("filters in the URL", () => {
  it("are all there, and none where none is set", () => {
    expect(filtersFrom(urlQueryOf(everything))).toEqual(everything);
    expect(urlQueryOf(noFilters())).toEqual({});
    expect(urlQueryOf(with_({ sort: "score" }))).toEqual({ sort: "score" });
    expect(urlQueryOf(with_({ isRemoved: true }))).toEqual({ removed: "1" });
  });

  it("that are unknown, wrong or twice are passed over", () => {
    const wrong = {
      tier: "weak",
      sort: "best",
      degree: "phd",
      years_min: "-1",
      years_max: "1e3",
      school: "985,oxbridge",
      state: "busy",
      score_min: "101",
      reco_time: "8",
      salary_min: "x",
      latest: "yes",
      title_match: "1",
      extend_match: "1",
      nonsense: "1",
      search: null,
      mark: ["约面试", "没接"],
    };
    expect(filtersFrom(wrong)).toEqual(with_({ schools: ["985"], mark: "约面试" }));
  });

  it("with bounds the wrong way round are put right", () => {
    expect(inOrder(with_({ yearsMin: 5, yearsMax: 3, salaryMin: 9, salaryMax: 8 }))).toEqual(
      with_({ yearsMin: 3, yearsMax: 5, salaryMin: 8, salaryMax: 9 }),
    );
    expect(filtersFrom({ years_min: "5", years_max: "3" })).toEqual(with_({ yearsMin: 3, yearsMax: 5 }));
  });
});

it("the API is asked for what is set alone, and for both tiers of what was removed", () => {
  expect(queryOf(noFilters())).toEqual({ tier: "strong", sort: "time" });
  expect(queryOf(with_({ isRemoved: true }))).toEqual({ tier: "all", sort: "time", removed: 1 });
  expect(queryOf(with_({ yearsMin: 0, areas: ["北京", "上海"] }))).toEqual({
    tier: "strong",
    sort: "time",
    years_min: 0,
    current_area: "北京,上海",
  });
});

describe("filters in words", () => {
  it("say each one, and taking them off one by one leaves none", () => {
    expect(setFilters(everything).map((one) => one.words)).toEqual([
      "已移出的",
      "“Python 上海”",
      "未读",
      "已收藏",
      "标记：约面试",
      "待定",
      "本科以上",
      "3–5 年",
      "985、海外",
      "已离职、在职看机会",
      "上海、西二旗",
      "期望 8K–20K",
      "60 分以上",
      "扩展匹配",
      "近 15 天",
    ]);
    let left = everything;
    for (let [first] = setFilters(left); first; [first] = setFilters(left)) left = first.without;
    expect(left).toEqual(unfiltered(everything));
    expect(isFiltered(left)).toBe(false);
  });

  it("name a range by what bounds it", () => {
    const years = (yearsMin: number | null, yearsMax: number | null) =>
      setFilters(with_({ yearsMin, yearsMax }))[0]?.words;
    expect([years(0, 0), years(3, null), years(null, 5)]).toEqual(["0 年", "3 年以上", "5 年以下"]);
    expect(setFilters(with_({ salaryMin: 8000 }))[0]?.words).toBe("期望 8K 以上");
  });
});
