/** What is handed over by a link, and what is said of whom. All of it is said at once, and may be changed. */
import type { ReviewAnswer, VerdictAnswer } from "../api/generated/types.gen";
import { clockOf } from "../text/format";
import { button, el, line } from "./elements";
import { PersonCard, type Said } from "./person";

const PATIENCE_MS = 15_000;

type Answer = ReviewAnswer | VerdictAnswer;

export class ReviewPage {
  private code = "";
  private cards: PersonCard[] = [];
  private readonly main = el("main", { className: "page stack" });
  private readonly progress = el("p", { className: "small dim", role: "status" });

  constructor(
    body: HTMLElement,
    private readonly token: string,
  ) {
    body.replaceChildren(this.main);
  }

  /** Open the link, and show whatever comes of it. */
  async open(): Promise<void> {
    this.main.setAttribute("aria-busy", "true");
    if (!this.main.hasChildNodes())
      this.main.append(el("p", { className: "dim", role: "status" }, "正在打开…"));
    const answer = await this.post<ReviewAnswer>("", { code: this.code });
    this.main.removeAttribute("aria-busy");
    if (!answer) this.tell("连不上服务器", "请检查网络后再试。", true);
    else if (answer.status === "ok") this.show(answer);
    else if (answer.status === "code_error") this.askCode(answer);
    else if (answer.status === "token_error") this.tell("链接已失效", answer.msg);
    else this.tell("暂时打不开", answer.msg, true);
  }

  /** Say something of a person; gives what is wrong, "" for nothing. */
  private async judge(resumeId: string, said: Said): Promise<string> {
    const body = { verdict: said.verdict, reason: said.reasons.join(","), comment: said.comment };
    const answer = await this.post<VerdictAnswer>(`${resumeId}/`, { ...body, code: this.code });
    if (answer?.status === "token_error") this.tell("链接已失效", answer.msg);
    if (answer?.status === "code_error") this.askCode(answer);
    if (answer?.status === "ok") this.count();
    return !answer ? "没有保存：连不上服务器" : answer.status === "ok" ? "" : `没有保存：${answer.msg}`;
  }

  private async post<T extends Answer>(path: string, body: object): Promise<T | null> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
    try {
      const headers = { "Content-Type": "application/json" };
      const url = `/review/${encodeURIComponent(this.token)}/${path}`;
      const request = { method: "POST", headers, body: JSON.stringify(body), signal: giveUp.signal };
      return (await (await fetch(url, request)).json()) as T;
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  private tell(title: string, words: string, isPassing = false): void {
    const again = isPassing && button("再试一次", () => void this.open(), { className: "begin" });
    this.replace(title, line(words, "dim"), again);
  }

  private askCode({ msg, rests_s }: { msg: string; rests_s: number }): void {
    const wrong = el(
      "p",
      { id: "wrong", className: "wrong", role: "alert" },
      this.code || rests_s ? msg : "",
    );
    const field = el("input", {
      id: "code",
      className: "entry",
      inputMode: "numeric",
      autocomplete: "one-time-code",
      maxLength: 6,
      "aria-describedby": "wrong",
    });
    const form = el(
      "form",
      { className: "stack card part" },
      el("label", { htmlFor: "code" }, "6 位数字，问发链接的人要"),
      field,
      wrong,
      el("button", { type: "submit", className: "begin" }, "打开"),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      this.code = field.value.trim();
      if (/^[0-9]{6}$/.test(this.code)) void this.open();
      else wrong.textContent = "请输入 6 位数字";
    };
    this.replace("请输入验证码", form);
    field.focus();
  }

  private show(review: ReviewAnswer): void {
    this.cards = review.data.map((one) => new PersonCard(one, (said) => this.judge(one.resume.id, said)));
    this.replace(
      review.title,
      line(`给${review.to} · 可以改到 ${clockOf(review.until)}`, "small dim"),
      review.note !== "" && el("p", { className: "card part text" }, review.note),
      this.progress,
      ...this.cards.map((card) => card.element),
      !this.cards.length && line("这里已经没有人了。", "dim"),
    );
    this.count();
  }

  private count(): void {
    const judged = this.cards.filter((card) => card.isJudged).length;
    const isDone = judged > 0 && judged === this.cards.length;
    this.progress.textContent = isDone
      ? "意见都给了，谢谢。还可以改。"
      : `已给意见 ${judged} / ${this.cards.length}`;
  }

  private replace(title: string, ...content: (Node | string | false)[]): void {
    const heading = el("h1", { tabIndex: -1 }, title);
    document.title = title;
    this.main.replaceChildren(heading, ...content.filter((one): one is Node | string => one !== false));
    heading.focus();
  }
}
