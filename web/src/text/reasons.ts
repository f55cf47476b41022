/**
 * Why somebody fits, in a few words for a card. The points stand beside the reasons on the resume's page.
 *
 *     reasonsInWords(item)   // { fits: ["职位一致", "5 项技能", "上海"], against: ["期望 20K–30K"], lacks: ["Redis"] }
 */
import type { Item, Reason } from "../api/types";
import { payText } from "./format";
import { fieldName } from "./words";

export interface InWords {
  fits: string[];
  against: string[];
  /** What the feed asks for and the resume does not mention. */
  lacks: string[];
}

/** Behind a term: the occupation was told from the work alone. */
const BY_DUTIES = "按对方的工作内容";

const count = (why: readonly Reason[], field: string): number =>
  why.filter((row) => row.field === field && row.points > 0).length;

const cities = (text: string): string => text.split(",").slice(0, 2).join("、");

/** What speaks for somebody, by the field of the reason; the first word that a field gives is kept. */
function forIt(row: Reason, { why, title_match }: Pick<Item, "why" | "title_match">): string {
  switch (row.field) {
    case "title":
      if (row.term.includes(BY_DUTIES)) return "工作内容像这个职位";
      return title_match ? "职位一致" : "职位相近";
    case "duties":
      return "做过这类工作";
    case "skill":
      return count(why, "skill") > 1 ? `${count(why, "skill")} 项技能` : `会 ${row.matched || row.term}`;
    case "related":
      return count(why, "related") > 1
        ? `${count(why, "related")} 项相关技能`
        : `相关：${row.matched || row.term}`;
    case "description":
      return "描述相符";
    case "similar":
      return "经历相近";
    case "city":
      return cities(row.matched || row.term);
    case "salary":
      return "薪资合适";
    case "degree":
      return row.matched || "学历合适";
    case "years":
      return row.matched ? `${row.matched}经验` : "年限合适";
    case "level":
      return "级别合适";
    case "domain":
      return `${cities(row.matched || row.term)}行业`;
    case "preference":
      return cities(row.matched || row.term);
    case "learned":
      return "像您看中的人";
    default:
      return fieldName(row.field);
  }
}

function againstIt(row: Reason): string {
  const { matched } = row;
  switch (row.field) {
    case "salary":
      return matched ? `期望 ${payText(matched)}` : "薪资不合";
    case "degree":
      return `学历${matched || "未写明"}`;
    case "years":
      return matched ? `${matched}经验` : "年限未写明";
    case "city":
      return matched ? `想去${cities(matched)}` : "城市不同";
    case "level":
      return matched ? `级别${matched}` : "级别不同";
    case "domain":
      return "行业不同";
    case "preference":
      return "背景不同";
    case "learned":
      return "像您移出的人";
    default:
      return `${fieldName(row.field)}不符`;
  }
}

const unique = (words: readonly string[]): string[] => [...new Set(words.filter(Boolean))];

/** The reasons in words, the strongest first. */
export function reasonsInWords(item: Pick<Item, "why" | "missing" | "title_match">): InWords {
  return {
    fits: unique(item.why.filter((row) => row.points > 0).map((row) => forIt(row, item))),
    against: unique(item.why.filter((row) => row.points < 0).map(againstIt)),
    lacks: unique(item.missing),
  };
}

/** Some words as a list that says how many it leaves out. */
export function listed(words: readonly string[], most: number, by = "、"): string {
  const more = words.length - most;
  return words.slice(0, most).join(by) + (more > 0 ? ` 等 ${words.length} 项` : "");
}
