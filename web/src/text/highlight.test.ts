import { describe, expect, it } from "vitest";
import { pieces, termsOf } from "./highlight";

const hits = (text: string, terms: string[]) =>
  pieces(text, terms)
    .filter((piece) => piece.isHit)
    .map((piece) => piece.text);

describe("matched terms", () => {
  it("are found without regard to case, and the pieces are the text", () => {
    const text = "熟悉Python和MYSQL，用python写接口";
    expect(hits(text, ["python", "mysql"])).toEqual(["Python", "MYSQL", "python"]);
    expect(
      pieces(text, ["python", "mysql"])
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  it("of Latin letters are words of their own", () => {
    expect(hits("JavaScript, Java, java8, C++ C", ["java", "c"])).toEqual(["Java", "C"]);
    expect(hits("用c++写", ["c++"])).toEqual(["c++"]);
  });

  it("are found at their longest", () => {
    const why = [{ field: "title", term: "Python开发", matched: "高级Python开发工程师", points: 50 }];
    expect(hits("高级Python开发工程师", termsOf(why))).toEqual(["高级Python开发工程师"]);
    expect(hits("做过Python开发", termsOf(why))).toEqual(["Python开发"]);
    const guess = [
      { field: "title", term: "助理（理解为：会计）（按对方的工作内容）", matched: "", points: 50 },
    ];
    expect(hits("做过助理", termsOf(guess))).toEqual(["助理"]);
  });

  it("come from evidence that stands in running text and speaks for the resume", () => {
    const row = (field: string, term: string, points: number) => ({ field, term, matched: term, points });
    const why = [
      row("skill", "redis", 3),
      row("salary", "8000-12000", 3),
      row("skill", "java", -2),
      row("skill", "一", 1),
    ];
    expect(termsOf(why)).toEqual(["redis"]);
  });

  it("leave a text alone that changes its length when lowered, and an empty one", () => {
    expect(pieces("İstanbul python", ["python"])).toEqual([{ text: "İstanbul python", isHit: false }]);
    expect(pieces("", ["python"])).toEqual([]);
  });
});
