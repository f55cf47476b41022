/** The Chinese names of the API's words. */

/** Why a result is deleted, by the API's names. The most frequent reasons come first. */
export const DELETION_REASONS = {
  title: "职位不符",
  salary_high: "薪资偏高",
  salary_low: "薪资偏低",
  level_low: "级别偏低",
  level_high: "级别偏高",
  degree_low: "学历偏低",
  degree_high: "学历偏高",
  industry: "行业不符",
  area: "地区不符",
} as const;

/** What recruiters say besides. The feed cannot learn from it: it becomes a comment. */
export const NOTED_REASONS = ["年限不足", "跳槽频繁", "沟通不好", "薪资谈不拢"] as const;

export const INTERVIEW_KINDS = { onsite: "现场", video: "视频", phone: "电话" } as const;

/** What a member is in the company, and what a colleague is in a feed. */
export const ROLES = { owner: "所有者", recruiter: "招聘人员" } as const;
export const FEED_ROLES = { work: "一起处理", view: "只看" } as const;

/** What is said of somebody by a hand-over. */
export const VERDICTS = { yes: "想见", maybe: "再看看", no: "不合适" } as const;

export type DeletionReason = keyof typeof DELETION_REASONS;

const FIELDS: Record<string, string> = {
  title: "职位",
  duties: "工作内容",
  skill: "技能",
  description: "描述",
  salary: "薪资",
  degree: "学历",
  city: "城市",
  years: "年限",
  level: "级别",
  domain: "领域",
  preference: "偏好",
  related: "相关",
  similar: "相近",
  learned: "学到的",
};

export const fieldName = (field: string): string => FIELDS[field] ?? field;
export const reasonName = (reason: string): string => DELETION_REASONS[reason as DeletionReason] ?? reason;

/** What a list can be filtered and ordered by, by the API's names. */
export const FILTER_WORDS = {
  sorts: { time: "按天", score: "最合适", new: "最新" },
  kinds: { all: "不限", title_match: "职位匹配", extend_match: "扩展匹配" },
  degrees: { high_school: "高中", college: "大专", bachelor: "本科", master: "硕士", doctor: "博士" },
  schools: { "985": "985", "211": "211", first_class: "双一流", abroad: "海外" },
  states: { left: "已离职", open: "在职看机会", graduate: "应届", closed: "暂不考虑" },
  works: {
    new: "没看过",
    undecided: "待定",
    contacted: "已联系",
    interview: "面试",
    offer: "Offer",
    hired: "入职",
    rejected: "不合适",
  },
} as const;

export const TIERS = { strong: "强匹配", possible: "可能合适", all: "全部" } as const;

/** How likely somebody must fit to count as a strong match, and what that does to the list. */
export const BREADTHS = {
  strict: { name: "严格", effect: "只有把握很大的才算强匹配，数量更少" },
  balanced: { name: "适中", effect: "多数强匹配值得一看，又不错过太多" },
  broad: { name: "宽松", effect: "把握小一些的也算强匹配，数量更多" },
} as const;

export const BREADTH_OPTIONS = (Object.keys(BREADTHS) as (keyof typeof BREADTHS)[]).map((value) => ({
  value,
  text: BREADTHS[value].name,
}));

/** Wishes that a form can do without, as one takes them off. */
export const WISHES = {
  expect_area: "工作城市",
  salary_min: "月薪",
  talent_level: "人才级别",
  skill_required: "技能要求",
  keywords: "关键词",
} as const;

/** What a feed may require of people. */
export const REQUIRED: Record<string, string> = {
  degree: "学历",
  years_min: "最少年限",
  years_max: "最多年限",
  certificates: "证书",
  licence: "驾照",
  languages: "语言",
};

/** The mark of who is asked for an interview. */
export const INVITED = "约面试";
/** The mark of who does not fit. They leave the list. */
export const UNFIT = "不合适";

/** The marks that a recruiter can set, and whether each is good news. */
export const MARKS: readonly [name: string, isGood: boolean][] = [
  ["已联系", true],
  ["没接", false],
  ["稍后再打", true],
  ["加了微信", true],
  ["约面试", true],
  ["面试通过", true],
  ["已发Offer", true],
  ["已入职", true],
  ["不合适", false],
  ["对方不考虑", false],
];

/** A mark by its name, with whether it is a good sign. */
export const markOf = (name: string): { name: string; isGood: boolean } => ({
  name,
  isGood: MARKS.find(([one]) => one === name)?.[1] ?? false,
});

export const SEARCH_FIELDS = {
  all: "简历全文",
  position_title: "职位名",
  company_name: "公司名",
  school: "学校",
  name: "姓名",
} as const;
