import { expect, it } from "vitest";
import { citiesLike } from "./cities";

it("cities are found by initials, by the beginning of their sounds, and by characters", () => {
  expect(citiesLike("sh")[0]).toBe("上海");
  expect(citiesLike("shangh")).toEqual(["上海"]);
  expect(citiesLike("Xi'an")[0]).toBe("西安");
  expect(citiesLike("hz").slice(0, 2)).toEqual(["杭州", "惠州"]);
  expect(citiesLike("州")).toContain("广州");
  expect(citiesLike("上")[0]).toBe("上海");
  expect(citiesLike("hai")).not.toContain("上海");
  expect([citiesLike(""), citiesLike("  "), citiesLike("xyz")]).toEqual([[], [], []]);
});
