import { expect, test } from "vitest";
import { blocksOf } from "./markdown";

test("headings, paragraphs and lists are told apart, and everything else stays text", () => {
  const text = "# 协议\r\n\r\n一行\n又一行\n\n## 其一\n- 甲\n- 乙 <b>x</b>\n\n后来\n#不是标题\n* 丙";
  expect(blocksOf(text)).toEqual([
    { kind: "title", text: "协议" },
    { kind: "paragraph", text: "一行\n又一行" },
    { kind: "heading", text: "其一" },
    { kind: "list", items: ["甲", "乙 <b>x</b>"] },
    { kind: "paragraph", text: "后来\n#不是标题" },
    { kind: "list", items: ["丙"] },
  ]);
  expect(blocksOf("")).toEqual([]);
});
