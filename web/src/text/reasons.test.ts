import { describe, expect, it } from "vitest";
import type { Item } from "../api/types";
import { reasonsOf } from "./reasons";

const row = (field: string, points: number) => ({ field, term: "", matched: "", points });
const of = (summary: string, ...why: Item["why"]) => reasonsOf({ summary, why });

describe("a summary", () => {
  it("ends with what speaks against somebody where a wish is not met", () => {
    expect(of("5年会计，杭州，期望20-30K（给10-15K）", row("title", 50), row("salary", -3))).toEqual({
      reasons: ["5年会计", "杭州"],
      shortfall: "期望20-30K（给10-15K）",
    });
    expect(of("未写明学历", row("degree", -2)).reasons).toEqual([]);
  });

  it("is for them where nothing is missing but what no wish says", () => {
    const reasons = ["5年会计", "杭州"];
    expect(of("5年会计，杭州", row("city", 3), row("learned", -3))).toEqual({ reasons, shortfall: "" });
    expect(of("")).toEqual({ reasons: [], shortfall: "" });
  });
});
