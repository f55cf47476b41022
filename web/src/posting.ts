/**
 * A pasted posting and a form: what of the posting goes into the form, and what only after the recruiter was asked.
 * Pure: what is asked of the server is in `stores/posting.ts`.
 */
import type { PostingAnswer, Requirements } from "./api/types";
import type { FeedForm } from "./stores/editor";
import { NO_LIMIT, salaryText } from "./text/format";

type Read = PostingAnswer["data"];
type Sources = NonNullable<PostingAnswer["from"]>;

/** Fields of the form that a posting fills in; the two ends of the pay are one. */
export type Filled =
  | "title"
  | "keywords"
  | "expect_area"
  | "salary"
  | "talent_level"
  | "job_desc"
  | "skill_required"
  | "requirements"
  | "job_domain"
  | "job_welfare";

export const NAMES: Record<Filled, string> = {
  title: "职位名称",
  keywords: "关键词",
  expect_area: "工作城市",
  salary: "月薪",
  talent_level: "人才级别",
  job_desc: "职位描述",
  skill_required: "技能要求",
  requirements: "硬性要求",
  job_domain: "职位领域",
  job_welfare: "工作福利",
};

/** What was read for one field. */
export interface Change {
  field: Filled;
  /** What goes into the form. */
  values: Partial<FeedForm>;
  /** The piece of the posting that it was read from. */
  from: string;
}

/** Characters from which on a pasted text is more than a field's own, and may be a whole posting. */
const SURELY_MORE = 160;
/** The same of a text that has a posting's words. */
const MORE = 60;

/** Whether what is pasted into a field looks like a whole posting. */
export function isLikePosting(text: string): boolean {
  const { length } = text.trim();
  return (
    length >= SURELY_MORE || (length >= MORE && /职责|要求|任职|薪资|responsibilit|requirement/i.test(text))
  );
}

/** What was read of a posting, by the form's fields. */
export function changesOf(read: Read, from: Sources): Change[] {
  const { salary_min, salary_max, ...rest } = read;
  const changes: Change[] = [];
  const add = (field: Filled, values: Partial<FeedForm>) =>
    changes.push({ field, values, from: from[field] ?? "" });
  for (const field of Object.keys(NAMES) as Filled[]) {
    if (field === "salary") {
      if (salary_min !== undefined && salary_max !== undefined) add(field, { salary_min, salary_max });
    } else if (rest[field] !== undefined) add(field, { [field]: rest[field] });
  }
  return changes;
}

/** What is required, in a line; a must has a mark. */
function requiredIn(given: Requirements): string {
  const { degree, years_min, years_max, certificates, licence, languages } = given;
  const said = {
    degree: degree && `${degree}以上`,
    years_min: years_min === null ? "" : `${years_min}年以上`,
    years_max: years_max === null ? "" : `${years_max}年以内`,
    certificates: certificates.join("、"),
    licence: licence && `驾照${licence}`,
    languages: languages.join("、"),
  };
  return Object.entries(said)
    .filter(([, words]) => words)
    .map(([name, words]) => `${words}${given.must.includes(name) ? "（必须）" : ""}`)
    .join("，");
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Whether nobody has filled a field in. */
function isBlank(form: FeedForm, field: Filled): boolean {
  if (field === "salary") return form.salary_min === 0 && form.salary_max === NO_LIMIT;
  if (field === "requirements") return !requiredIn(form.requirements);
  const value = form[field];
  return typeof value === "string" ? !value.trim() : !value.length;
}

/** Whether a form has a change already. */
export const isIn = (form: FeedForm, change: Change): boolean =>
  (Object.keys(change.values) as (keyof FeedForm)[]).every((name) => same(form[name], change.values[name]));

/**
 * Which changes fill a blank, and which would replace what is there. What the form has already is in neither.
 *
 * @param pasted the posting: a description that is nothing else was not written for the form
 */
export function sorted(form: FeedForm, changes: readonly Change[], pasted: string): [Change[], Change[]] {
  const open = changes.filter((change) => !isIn(form, change));
  const isFree = ({ field }: Change) =>
    isBlank(form, field) || (field === "job_desc" && form.job_desc.trim() === pasted.trim());
  return [open.filter(isFree), open.filter((change) => !isFree(change))];
}

/** What a field holds, in a line. */
export function shown(
  field: Filled,
  values: Partial<FeedForm>,
  domains: readonly { id: number; name: string }[],
): string {
  if (field === "salary") return salaryText(values.salary_min ?? 0, values.salary_max ?? NO_LIMIT);
  if (field === "job_domain") {
    const ids = values.job_domain ?? [];
    return domains.flatMap(({ id, name }) => (ids.includes(id) ? name : [])).join("、");
  }
  if (field === "requirements") return values.requirements ? requiredIn(values.requirements) : "";
  const value = values[field];
  return typeof value === "string" ? value : (value ?? []).join("、");
}
