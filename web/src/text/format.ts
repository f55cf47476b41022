/** Numbers and times as a recruiter writes them. */
import type { Resume } from "../api/types";
import { lastWork } from "./works";

/** The API's upper end of a range of pay that has none, in yuan a month. */
export const NO_LIMIT = 1_000_000;

const thousand = (yuan: number): string => `${Math.round(yuan / 100) / 10}K`;

/** A range of monthly pay in yuan. A range without bounds is negotiable. */
export function salaryText(low: number, high: number): string {
  const isOpen = !(high < NO_LIMIT);
  if (!(low > 0) && (isOpen || !(high > 0))) return "面议";
  if (isOpen) return `${thousand(low)} 以上`;
  if (!(low > 0)) return `${thousand(high)} 以下`;
  return low === high ? thousand(low) : `${thousand(low)}–${thousand(high)}`;
}

/** Yuan, from a text in thousands that somebody types; null where it is no number. */
export function yuanOf(text: string): number | null {
  const thousands = Number.parseFloat(text);
  return Number.isFinite(thousands) && thousands >= 0
    ? Math.min(Math.round(thousands * 1000), NO_LIMIT)
    : null;
}

/** What a number of pay is counted in. A bare one of less than a thousand says nothing that is sure. */
const UNITS: Record<string, number> = { "": 1, 元: 1, k: 1_000, 千: 1_000, w: 10_000, 万: 10_000 };
const AMOUNT = /^(\d+(?:\.\d+)?)(k|w|千|万|元)?$/;
/** Below this a number of yuan is no monthly pay: it is by the day or the hour. */
const LEAST_PAY = 1_000;

/** A resume's text for pay in one spelling, `8K–12K`, where it surely means pay a month; any other text stays. */
export function payText(value: string | number): string {
  const text = String(value ?? "").trim();
  const folded = text
    .toLowerCase()
    .replace(/[\s,，]|人民币|rmb|￥|¥/g, "")
    .replace(/(?:\/|每|一个?)?月薪?$|^(?:期望)?月薪[:：]?/g, "");
  const [, plain = "", bound = ""] = /^(.*?)(以上|以下|起|\+)?$/.exec(folded) ?? [];
  const parts = plain.split(/[-–—~～至到]/);
  const amounts = parts.map((part) => AMOUNT.exec(part));
  if (parts.length > 2 || amounts.some((amount) => !amount)) return text;
  // The unit of a range stands behind its end alone: 8-12K.
  const unit = amounts[amounts.length - 1]?.[2];
  const yuan = amounts.map((amount) => Number(amount?.[1]) * (UNITS[amount?.[2] ?? unit ?? ""] ?? 1));
  const [low = 0, high = low] = yuan;
  if (yuan.some((one) => one < LEAST_PAY && one !== 0) || low > high || !(high > 0)) return text;
  if (yuan.length === 2) return bound ? text : salaryText(low, high);
  if (!bound) return thousand(low);
  return bound === "以下" ? `${thousand(low)} 以下` : `${thousand(low)} 以上`;
}

/** A resume's text for years of work in one spelling, `5年经验`; a text that means something else stays. */
export function yearsText(value: string | number): string {
  const text = String(value ?? "").trim();
  if (text === "") return "";
  if (Number(text) === 0) return "应届";
  const years =
    /^(\d+(?:\.\d+)?(?:\s*[-–~至到]\s*\d+(?:\.\d+)?)?)\s*\+?年?(以上)?(?:工作)?(?:经验|经历)?$/.exec(text);
  if (!years) return text;
  const isMore = years[2] || text.includes("+");
  return `${years[1]?.replace(/\s*[-–~至到]\s*/, "–")}年${isMore ? "以上" : ""}经验`;
}

/** A month of a date as resumes have it, `2019-03`, `2020.3`, `2019年`, counted from year 0; null for none. */
function monthOf(date: string): number | null {
  const [, year, month] = /^\s*(\d{4})(?:\D+(\d{1,2}))?/.exec(date) ?? [];
  return year ? Number(year) * 12 + Number(month ?? 1) - 1 : null;
}

/** Years of work as a resume says them, else from the first start of a job to the last end. */
export function careerText(
  { work_years, works }: Pick<Resume, "work_years" | "works">,
  now = Date.now(),
): string {
  const said = yearsText(work_years);
  const today = monthOf(dayIn(now)) ?? 0;
  const spans = works.flatMap(({ start_time, end_time }) => {
    const start = monthOf(start_time);
    if (start === null || start > today) return [];
    const end = /至今|现在|目前|present|now/i.test(end_time) ? today : (monthOf(end_time) ?? start + 12);
    return [[start, Math.max(start, Math.min(end, today))] as const];
  });
  if (said || !spans.length) return said;
  const months = Math.max(...spans.map(([, end]) => end)) - Math.min(...spans.map(([start]) => start));
  return months < 12 ? "不到1年经验" : `${Math.floor(months / 12)}年经验`;
}

/** How long ago somebody was active, by a `YYYY-MM-DD HH:MM:SS`; empty where that is not known or not yet. */
export function activeText(clock: string, now = Date.now()): string {
  const day = Date.parse(`${clock.slice(0, 10)}T00:00:00+08:00`);
  const days = Math.round((Date.parse(`${dayIn(now)}T00:00:00+08:00`) - day) / 86_400_000);
  if (!(days >= 0)) return "";
  if (days === 0) return "今天活跃";
  if (days === 1) return "昨天活跃";
  if (days < 31) return `${days} 天前活跃`;
  if (days < 365) return `${Math.floor(days / 30.5)} 个月前活跃`;
  return "一年前活跃";
}

const dayIn = (moment: number): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(moment);

/** The day of a `YYYY-MM-DD HH:MM:SS`: 今天, 昨天, or its date. */
export function dayName(clock: string, now = Date.now()): string {
  const day = clock.slice(0, 10);
  if (day === dayIn(now)) return "今天";
  if (day === dayIn(now - 86_400_000)) return "昨天";
  return day.slice(0, 4) === dayIn(now).slice(0, 4)
    ? `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`
    : day;
}

/** A moment as the API writes it: `YYYY-MM-DD HH:MM:SS`, in China. */
export const clockText = (moment: number): string =>
  new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai",
    dateStyle: "short",
    timeStyle: "medium",
  }).format(moment);

/** The day so many days from now, as the API writes it: `YYYY-MM-DD`, in China. */
export const dayAhead = (days: number, now = Date.now()): string => dayIn(now + days * 86_400_000);

const WEEKDAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

/** A moment to the minute, as the API writes it: `YYYY-MM-DD HH:MM`, in China. */
export const minuteText = (moment: number): string => clockText(moment).slice(0, 16);

/** Likely times to come back to somebody, the next first: in an hour, this evening, and mornings and afternoons to come. */
export function timesAhead(now = Date.now()): string[] {
  const quarter = 900_000;
  const soon = minuteText(Math.ceil((now + 3_600_000) / quarter) * quarter);
  const evening = `${dayAhead(0, now)} 18:00`;
  return [
    soon,
    ...(evening > soon ? [evening] : []),
    ...[`${dayAhead(1, now)} 10:00`, `${dayAhead(1, now)} 15:00`],
    ...[`${dayAhead(2, now)} 10:00`, `${dayAhead(7, now)} 10:00`],
  ];
}

/** A day to come back to somebody, with its hour if it has one: 今天, 明天, 后天, 周五 within a week, else its date. */
export function reminderName(time: string, now = Date.now()): string {
  const [day = "", hour] = time.split(" ");
  return joined([dayOfReminder(day, now), hour], " ");
}

/** When to come back to somebody: with the hour where there is one. */
export const remindOf = ({ remind_at, remind_on }: { remind_at: string; remind_on: string }): string =>
  remind_at || remind_on;

function dayOfReminder(day: string, now: number): string {
  const near = ["今天", "明天", "后天"];
  for (let ahead = 0; ahead < 7; ahead++) {
    if (day === dayAhead(ahead, now))
      return near[ahead] ?? WEEKDAYS[new Date(`${day}T00:00Z`).getUTCDay()] ?? "";
  }
  return dayName(day, now);
}

/** A resume among others of a person: who sent it, and when. */
export const arrivalOf = (one: { source: string; arrived_time: string }): string =>
  `${one.source} ${dayName(one.arrived_time)}`;

export const clockOf = (seconds: number): string =>
  new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(seconds * 1000);

/** Parts in one line, without those that say nothing: an unknown age is 0, which nobody should read. */
export const joined = (parts: readonly (string | number | null | undefined | false)[], by = " · "): string =>
  parts.filter(Boolean).join(by);

/** A resume in one line, without the name, which is shown only after unlocking. */
export function summaryOf(resume: Resume): string {
  const school = resume.education[0];
  return joined([
    resume.gender,
    resume.age && `${resume.age}岁`,
    careerText(resume),
    resume.address,
    school && joined([school.degree, school.school], " "),
  ]);
}

/** A resume on a card: first what decides whether to call now, then who it is. */
export function factsOf(resume: Resume, now = Date.now()): string {
  const school = resume.education[0];
  const pay = payText(resume.job_target.salary);
  return joined([
    pay && `期望 ${pay}`,
    resume.job_target.job_hunting_state,
    activeText(resume.last_contact, now),
    careerText(resume, now),
    school && joined([school.degree, school.school], " "),
    lastWork(resume)?.compnay_name,
    resume.address,
    joined([resume.gender, resume.age && `${resume.age}岁`], " "),
  ]);
}

export const positionOf = (resume: Resume): string =>
  lastWork(resume)?.position_title || resume.job_target.job_career || "未写职位";

export const periodOf = (row: { start_time: string; end_time: string }): string =>
  joined([row.start_time, row.end_time], " – ").replace(/-/g, ".");

/** The words of a text that people typed with commas, without doubles. */
export const listOf = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,，、;；\n]+/)
      .map((part) => part.trim())
      .filter(Boolean),
  ),
];

/** Whether a text can be dialled: resumes have words in place of a number, too. */
export const isDialable = (phone: string | undefined): phone is string =>
  (phone?.match(/\d/g)?.length ?? 0) >= 5;

/** A link that writes to an address. Nothing in the address can be taken for a header of the letter. */
export function mailtoOf(address: string): string {
  const at = address.lastIndexOf("@");
  if (at < 0) return `mailto:${encodeURIComponent(address)}`;
  return `mailto:${encodeURIComponent(address.slice(0, at))}@${encodeURIComponent(address.slice(at + 1))}`;
}

const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "苹果手机"],
  [/Android/, "安卓手机"],
  [/Windows/, "Windows 电脑"],
  [/Mac OS X/, "苹果电脑"],
  [/Linux/, "Linux 电脑"],
];
const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, "微信"],
  [/Edg/, "Edge"],
  [/Firefox/, "Firefox"],
  [/Chrome/, "Chrome"],
  [/Safari/, "Safari"],
];

/** What a client calls itself, as a recruiter would say it; what is not known stays as it is. */
export function clientOf(agent: string): string {
  const named = [SYSTEMS, BROWSERS].map((known) => known.find(([sign]) => sign.test(agent))?.[1]);
  return joined(named) || agent || "未知设备";
}
