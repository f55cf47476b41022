import { expect, it } from "vitest";
import { listed, reasonsInWords } from "./reasons";

const row = (field: string, points: number, matched = "", term = "x") => ({ field, term, matched, points });
const words = (why: ReturnType<typeof row>[], missing: string[] = [], title_match = true) =>
  reasonsInWords({ why, missing, title_match });

it("what speaks for somebody is said in words, the strongest first and each once", () => {
  const why = [
    row("title", 55, "Python开发"),
    row("skill", 9, "Python"),
    row("city", 6, "上海"),
    row("skill", 4, "MySQL"),
    row("salary", 3, "8000-12000"),
    row("degree", 2, "本科"),
    row("preference", 2, "985"),
    row("learned", 1),
  ];
  expect(words(why).fits).toEqual([
    "职位一致",
    "2 项技能",
    "上海",
    "薪资合适",
    "本科",
    "985",
    "像您看中的人",
  ]);
});

it("one skill is named, and a title that is only near is said to be", () => {
  expect(words([row("title", 30), row("skill", 9, "k8s", "Kubernetes")], [], false).fits).toEqual([
    "职位相近",
    "会 k8s",
  ]);
  const guessed = row("title", 20, "软件工程师", "Python开发（按对方的工作内容）");
  expect(words([guessed], [], false).fits).toEqual(["工作内容像这个职位"]);
});

it("what speaks against somebody and what they lack is said too, also what they do not say", () => {
  const why = [
    row("salary", -5, "20000-30000"),
    row("degree", -3),
    row("years", -2, "1年"),
    row("city", -1, "成都"),
    row("level", -1),
    row("anything new", -1),
  ];
  expect(words(why, ["Redis", "Redis", "Go"])).toEqual({
    fits: [],
    against: ["期望 20K–30K", "学历未写明", "1年经验", "想去成都", "级别不同", "anything new不符"],
    lacks: ["Redis", "Go"],
  });
});

it("a list that is cut says how many it has", () => {
  expect(listed(["a", "b"], 3)).toBe("a、b");
  expect(listed(["a", "b", "c"], 2)).toBe("a、b 等 3 项");
  expect(listed([], 2)).toBe("");
});
