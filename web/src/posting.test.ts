import { describe, expect, it } from "vitest";
import { changesOf, isLikePosting, shown, sorted } from "./posting";
import { emptyForm } from "./stores/editor";

const READ = {
  title: "Java开发工程师",
  keywords: ["Java"],
  salary_min: 15_000,
  salary_max: 25_000,
  job_desc: "开发接口",
};
const FROM = { title: "Java开发工程师 15-25K", keywords: "Java", salary: "15-25K", job_desc: "开发接口" };
const CHANGES = changesOf(READ, FROM);
const fieldsOf = (changes: { field: string }[]) => changes.map(({ field }) => field);

describe("what was read of a posting", () => {
  it("is told by the form's fields, the pay as one, each with its piece", () => {
    expect(fieldsOf(CHANGES)).toEqual(["title", "keywords", "salary", "job_desc"]);
    expect(CHANGES[2]).toEqual({
      field: "salary",
      values: { salary_min: 15_000, salary_max: 25_000 },
      from: "15-25K",
    });
    expect(changesOf({}, {})).toEqual([]);
  });
  it("fills blanks, and asks before it replaces what somebody typed", () => {
    const [free, conflicts] = sorted({ ...emptyForm(), title: "后端", keywords: ["Java"] }, CHANGES, "");
    expect(fieldsOf(free)).toEqual(["salary", "job_desc"]);
    expect(fieldsOf(conflicts), "what is there already is no conflict").toEqual(["title"]);
  });
  it("takes the place of a description that is the pasted text itself", () => {
    const whole = "Java开发工程师 15-25K\n开发接口";
    const form = { ...emptyForm(), job_desc: ` ${whole}\n` };
    expect(fieldsOf(sorted(form, CHANGES, whole)[1])).toEqual([]);
    expect(fieldsOf(sorted(form, CHANGES, "另一份")[1])).toEqual(["job_desc"]);
  });
  it("is shown in a line", () => {
    expect(shown("salary", { salary_min: 15_000, salary_max: 25_000 }, [])).toBe("15K–25K");
    expect(shown("keywords", { keywords: ["Java", "Go"] }, [])).toBe("Java、Go");
    expect(shown("job_domain", { job_domain: [7] }, [{ id: 7, name: "O2O" }])).toBe("O2O");
  });
});

it("a posting is told from what a field usually takes", () => {
  expect(isLikePosting("Java开发工程师")).toBe(false);
  expect(isLikePosting("负责接口".repeat(60))).toBe(true);
});
