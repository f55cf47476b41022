/** One of the people: what decides, the whole resume behind one tap, and three buttons. */
import type { ResumeView, ReviewedPerson } from "../api/generated/types.gen";
import { factsOf, joined, payText, periodOf, positionOf } from "../text/format";
import { DELETION_REASONS, VERDICTS } from "../text/words";
import { button, el, line } from "./elements";

const STATES = { met: "✓", unmet: "✗", unknown: "?" } as const;
type Verdict = keyof typeof VERDICTS;

export interface Said {
  verdict: Verdict;
  reasons: string[];
  comment: string;
}

export class PersonCard {
  readonly element = el("article", { className: "card part stack" });
  isJudged: boolean;
  private said: Said | null;
  /** What is sent goes in the order in which it was said. */
  private sending = Promise.resolve();
  private readonly status = el("p", { className: "small dim", role: "status" });
  private readonly verdicts: Record<Verdict, HTMLButtonElement>;
  private readonly reasons: [string, HTMLButtonElement][];
  private readonly why = el("div", { className: "chips", role: "group", "aria-label": "哪里不合适" });
  private readonly word: HTMLTextAreaElement;
  private readonly more = el("div", { className: "stack" });

  /** @param judge says it to the server, and gives what is wrong; "" for nothing */
  constructor(
    { resume, summary, requirements, said }: ReviewedPerson,
    private readonly judge: (said: Said) => Promise<string>,
  ) {
    this.said = said ?? null;
    this.isJudged = this.said !== null;
    const name = positionOf(resume);
    const verdict = (word: Verdict) =>
      button(VERDICTS[word], () => this.choose(word), {
        className: "pick",
        "aria-label": `${VERDICTS[word]}：${name}`,
      });
    this.verdicts = { yes: verdict("yes"), maybe: verdict("maybe"), no: verdict("no") };
    this.reasons = Object.entries(DELETION_REASONS).map(([id, words]) => [
      id,
      button(words, () => this.toggle(id), { className: "pick" }),
    ]);
    this.why.append(...this.reasons.map(([, chip]) => chip));
    this.word = el("textarea", {
      className: "entry",
      rows: 2,
      maxLength: 500,
      placeholder: "想说的话（可以不写）",
      "aria-label": `对这位${name}想说的话`,
      value: this.said?.comment ?? "",
      onchange: () => this.said && this.save({ ...this.said, comment: this.word.value.trim() }),
    });
    this.more.append(this.why, this.word);
    const asked = requirements.map(({ asked, found, state }) =>
      el(
        "li",
        { className: `chip ${state === "met" ? "good" : state === "unmet" ? "warn" : ""}` },
        `${STATES[state]} ${asked}${found ? `：${found}` : ""}`,
      ),
    );
    this.element.append(
      el("h2", {}, name),
      ...[line(factsOf(resume), "small dim"), line(summary)].filter((one) => one !== false),
      ...(asked.length ? [el("ul", { className: "chips", "aria-label": "要求" }, ...asked)] : []),
      whole(resume),
      el(
        "div",
        { className: "options three", role: "group", "aria-label": "怎么看" },
        ...Object.values(this.verdicts),
      ),
      this.more,
      this.status,
    );
    this.draw();
  }

  private choose(verdict: Verdict): void {
    const reasons = verdict === "no" ? (this.said?.reasons ?? []) : [];
    this.save({ verdict, reasons, comment: this.word.value.trim() });
  }

  private toggle(reason: string): void {
    if (!this.said) return;
    const { reasons } = this.said;
    const changed = reasons.includes(reason) ? reasons.filter((one) => one !== reason) : [...reasons, reason];
    this.save({ ...this.said, reasons: changed });
  }

  private save(said: Said): void {
    this.said = said;
    this.draw();
    this.status.textContent = "正在保存…";
    this.sending = this.sending.then(async () => {
      if (this.said !== said) return; // something else was said meanwhile
      const wrong = await this.judge(said);
      this.isJudged ||= !wrong;
      if (this.said !== said) return;
      this.status.replaceChildren(wrong || `已保存：${VERDICTS[said.verdict]}`);
      this.status.classList.toggle("wrong", wrong !== "");
      if (wrong)
        this.status.append(
          " ",
          button("再试一次", () => this.save({ ...said }), { className: "link" }),
        );
    });
  }

  private draw(): void {
    const { verdict, reasons = [] } = this.said ?? {};
    for (const [word, one] of Object.entries(this.verdicts)) one.ariaPressed = String(word === verdict);
    for (const [id, chip] of this.reasons) chip.ariaPressed = String(reasons.includes(id));
    this.more.hidden = !this.said;
    this.why.hidden = verdict !== "no";
  }
}

/** All that the resume says. */
function whole(resume: ResumeView): HTMLElement {
  const part = (title: string, ...rows: (Node | false)[]) => {
    const there = rows.filter((row): row is Node => row !== false);
    return there.length ? [el("h3", {}, title), ...there] : [];
  };
  const { job_target: target } = resume;
  const wish = joined([
    target.job_career,
    target.expectation_area,
    payText(target.salary),
    target.job_hunting_state,
  ]);
  const works = resume.works.flatMap((work) => [
    line(joined([work.position_title, work.compnay_name, periodOf(work), work.duration]), "strong"),
    line(work.job_desc, "text small"),
  ]);
  const schools = resume.education.map((one) =>
    line(joined([one.school, one.major, one.degree, periodOf(one)])),
  );
  return el(
    "details",
    {},
    el("summary", {}, "看完整简历"),
    el(
      "div",
      { className: "stack whole" },
      ...part("求职意向", line(wish)),
      ...part("工作经历", ...works),
      ...part("教育经历", ...schools),
      ...part("自我评价", line(resume.self_evaluation, "text small")),
      ...part("HR 评价", line(resume.hr_evaluate, "text small")),
    ),
  );
}
