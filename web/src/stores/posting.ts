/** Filling a form in from a posting: what was read, what it replaced, and how to take that back. */
import { reactive, watch } from "vue";
import { ask } from "../api/ask";
import { postSpecialFeedRead } from "../api/generated/sdk.gen";
import type { PostSpecialFeedReadResponse } from "../api/generated/types.gen";
import { type Change, changesOf, type Filled, isIn, isLikePosting, sorted } from "../posting";
import type { FeedForm } from "./editor";
import { attempt, offer, say } from "./snack";

/** What the form is filled in with, to see what comes of a posting. */
const EXAMPLE = `会计主管 10-15K
上海·浦东新区 3-5年 本科
职位描述
负责总账、成本核算和月末结账
编制财务报表，完成增值税和所得税的纳税申报
任职要求
会计或财务相关专业，本科及以上
熟练使用用友或金蝶，有中级会计职称优先`;

type Reading = Pick<PostSpecialFeedReadResponse, "data" | "from">;

/** One of several postings in the pasted text. */
interface Job {
  title: string;
  text: string;
}

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export function postingFor(form: FeedForm) {
  const state = reactive({
    /** What was filled in and is still as it was read: the field, and the piece that it was read from. */
    marks: {} as Partial<Record<Filled, Change>>,
    /** What would replace something that the recruiter typed. */
    conflicts: [] as Change[],
    /** The postings in the text, where it has several, and which of them was read. */
    jobs: [] as Job[],
    at: 0,
    /** Whether the sheet for the text is open, and the text in it. */
    isOpen: false,
    text: "",
    /** Whether there is a form to go back to. */
    canUndo: false,
  });
  let before: FeedForm | null = null;

  /**
   * Read a posting and fill in what is blank.
   *
   * @returns how many fields were filled in
   * @throws ApiError where it cannot be read
   */
  async function read(text: string): Promise<number> {
    const answer = await ask(postSpecialFeedRead({ body: { text } }));
    const first = { title: String(answer.data.title ?? ""), text };
    state.jobs = answer.others.length ? [first, ...answer.others] : [];
    state.at = 0;
    return take(answer, text);
  }

  function take(answer: Reading, text: string): number {
    const changes = changesOf(answer.data, answer.from);
    const [free, conflicts] = sorted(form, changes, text);
    state.conflicts = conflicts;
    if (free.length) apply(free);
    return changes.length;
  }

  /** Read another one of several postings in place of the one that was read. */
  async function readOther(at: number): Promise<void> {
    const text = state.jobs[at]?.text;
    if (text === undefined) return;
    await attempt(async () => {
      const answer = await ask(postSpecialFeedRead({ body: { text } }));
      putBack();
      state.at = at;
      take(answer, text);
      state.isOpen = state.conflicts.length > 0; // it asks what may be replaced
    });
  }

  async function tryExample(): Promise<void> {
    if (await attempt(() => read(EXAMPLE))) say("填入的是例子，保存以前什么都不会留下");
  }

  function apply(changes: readonly Change[]): void {
    before = before ?? copyOf(form);
    state.canUndo = true;
    for (const change of changes) {
      Object.assign(form, copyOf(change.values));
      state.marks[change.field] = change;
    }
  }

  /** Replace what the recruiter typed by some of the conflicts; the others are forgotten. */
  function replace(fields: readonly Filled[]): void {
    const chosen = state.conflicts.filter((change) => fields.includes(change.field));
    state.conflicts = [];
    if (chosen.length) apply(chosen);
  }

  /** Take back everything that was filled in. What was typed since into other fields stays. */
  function undo(): void {
    if (!before) return;
    putBack();
    state.jobs = [];
    say("已撤销填入");
  }

  function putBack(): void {
    if (!before) return;
    for (const change of Object.values(state.marks)) {
      for (const name of Object.keys(change.values) as (keyof FeedForm)[]) {
        Object.assign(form, { [name]: copyOf(before[name]) });
      }
    }
    settle();
  }

  /** What is in the form is the recruiter's own from now on. */
  function settle(): void {
    before = null;
    Object.assign(state, { marks: {}, conflicts: [], canUndo: false });
  }

  // A field that is edited is no longer as it was read.
  watch(form, () => {
    for (const change of Object.values(state.marks)) {
      if (!isIn(form, change)) delete state.marks[change.field];
    }
  });

  /** Open the sheet, with a text that stood elsewhere. */
  function open(text = ""): void {
    if (text) state.text = text;
    state.isOpen = true;
  }

  /**
   * A whole posting that is pasted into a field is offered to be read.
   *
   * @param fits whether the field can hold it; else it goes to the sheet at once
   */
  function pasted(event: ClipboardEvent, fits: boolean): void {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!isLikePosting(text)) return;
    if (fits) offer("像是一份完整的职位描述", "自动填写", async () => open(text));
    else {
      event.preventDefault();
      open(text);
    }
  }

  return { state, open, pasted, read, readOther, tryExample, replace, undo, settle };
}

export type Posting = ReturnType<typeof postingFor>;
