/** The form of a feed while it is filled in: read, previewed, submitted. */
import { reactive, ref } from "vue";
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import {
  getSpecialFeedEditFeed,
  getSpecialFeedEditFeedFeedId,
  getSpecialFeedOccupations,
  postSpecialFeedPreview,
  postSpecialFeedSubmitFeed,
} from "../api/generated/sdk.gen";
import type { Breadth, EditData, FeedView, Occupation, SubmittedFeed, Understood } from "../api/types";
import { newClientId } from "../clientId";
import { NO_LIMIT } from "../text/format";

export type Options = Required<
  Pick<EditData, "areas" | "company_prefer" | "expect_area" | "job_domain" | "job_welfare" | "talent_level">
>;

export interface FeedForm {
  title: string;
  keywords: string[];
  expect_area: string[];
  salary_min: number;
  salary_max: number;
  talent_level: string[];
  job_desc: string;
  skill_required: string;
  breadth: Breadth;
  job_welfare: string[];
  company_prefer: number[];
  job_domain: number[];
  /** Those that the recruiter chose; without any, title and text decide. */
  occupations: Occupation[];
  /** The form does not show these two, and sends them back as they came. */
  categorys: number[];
  analyze_job_domain: number[];
}

export const emptyForm = (): FeedForm => ({
  title: "",
  keywords: [],
  expect_area: [],
  salary_min: 0,
  salary_max: NO_LIMIT,
  talent_level: [],
  job_desc: "",
  skill_required: "",
  breadth: "balanced",
  job_welfare: [],
  company_prefer: [],
  job_domain: [],
  occupations: [],
  categorys: [],
  analyze_job_domain: [],
});

const idsOf = (rows: readonly { id: number }[]): number[] => rows.map((row) => row.id);

export function formOf(feed: FeedView): FeedForm {
  const { title, keywords, expect_area, salary_min, salary_max, talent_level } = feed;
  return {
    ...{ title, keywords, expect_area, salary_min, salary_max, talent_level },
    job_desc: feed.job_desc,
    skill_required: feed.skill_required,
    breadth: feed.breadth,
    job_welfare: feed.job_welfare,
    company_prefer: idsOf(feed.company_prefer),
    job_domain: idsOf(feed.job_domain),
    occupations: feed.occupations,
    categorys: idsOf(feed.company.categroys),
    analyze_job_domain: idsOf(feed.analyze_job_domain),
  };
}

export function bodyOf(form: FeedForm, feedId: string | undefined): SubmittedFeed {
  return { ...form, title: form.title.trim(), ...(feedId && { feed_id: feedId }) };
}

export interface Opened {
  form: FeedForm;
  options: Options;
}

/**
 * The form of a feed, or an empty one, with its option lists.
 *
 * @throws ApiError where the quota is used up, or the feed does not exist any more
 */
export async function openForm(feedId: string | undefined): Promise<Opened> {
  const call = feedId
    ? getSpecialFeedEditFeedFeedId({ path: { feed_id: feedId } })
    : getSpecialFeedEditFeed();
  const { data } = await ask(call);
  const { feed, areas = [], company_prefer = [], expect_area = [] } = data;
  if (!feed) throw new ApiError("unreadable", "服务器没有给出表单");
  const { job_domain = [], job_welfare = [], talent_level = [] } = data;
  return {
    form: feedId ? formOf(feed) : emptyForm(),
    options: { areas, company_prefer, expect_area, job_domain, job_welfare, talent_level },
  };
}

/**
 * Saves a form. A new feed has a name, so that saving again after an answer that was lost makes no second one. A form
 * that was changed since has another name: the server would give the feed as it was saved first.
 *
 * @returns a function that saves the form and returns the feed's id
 */
export function saver(feedId: string | undefined): (form: FeedForm) => Promise<string> {
  let sent = "";
  let clientId = "";
  return async (form) => {
    const body = bodyOf(form, feedId);
    if (JSON.stringify(body) !== sent) [sent, clientId] = [JSON.stringify(body), newClientId()];
    const named = feedId ? body : { ...body, client_id: clientId };
    return (await ask(postSpecialFeedSubmitFeed({ body: named }))).feed_id;
  };
}

const NOTHING = { strong: null, possible: 0, isPartial: false, fault: "" };

/** Occupations with a name that contains some words; none where the server does not answer. */
export async function findOccupations(words: string): Promise<Occupation[]> {
  if (!words.trim()) return [];
  try {
    const call = getSpecialFeedOccupations({ query: { words } });
    return (await ask(call)).data;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [];
  }
}

/** How long the form must rest before it is previewed. Shorter, and a preview is asked for in the middle of a word. */
const TYPING_MS = 450;
/** When to ask again after a 429, which the server gives while another preview of the account runs. */
const AGAIN_MS = 1_200;

/**
 * How many stored resumes the form would match. It is asked again whenever the form rests. At most one request is
 * under way: the next one waits for its answer, or until the server accepts previews again.
 */
export function livePreview(form: FeedForm, feedId: string | undefined) {
  const state = reactive({
    /** How many would be strong matches; null where that is not known. */
    strong: null as number | null,
    possible: 0,
    /** Whether more may match, as resumes wait to be scored or are too old to be counted. */
    isPartial: false,
    isAsking: false,
    best: [] as string[],
    /** What is wrong with the form, where that is why there is no count. */
    fault: "",
  });
  /** What the form was taken to ask for, when it was last without fault. */
  const understood = ref<Understood | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStale = false;
  let isOver = false;

  function changed(): void {
    isStale = true;
    clearTimeout(timer);
    if (!form.title.trim()) {
      Object.assign(state, { ...NOTHING, best: [] });
      understood.value = null;
      return;
    }
    if (!state.isAsking) timer = setTimeout(() => void read(), TYPING_MS);
  }

  async function read(): Promise<void> {
    isStale = false;
    state.isAsking = true;
    let wait = TYPING_MS;
    try {
      const answer = await ask(postSpecialFeedPreview({ body: bodyOf(form, feedId) }), [
        "ok",
        "form_error",
        "feed_error",
      ]);
      const isFound = answer.status === "ok";
      state.strong = isFound ? answer.strong_count : null;
      state.possible = answer.possible_count;
      if (isFound) understood.value = answer.understood;
      state.isPartial = isFound && !answer.complete;
      state.fault = isFound ? "" : (Object.values(answer.errors).flat()[0] ?? answer.msg);
      state.best = answer.data.map(
        (one) => one.resume.works[0]?.position_title || one.resume.job_target.job_career,
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === "too_many") [isStale, wait] = [true, AGAIN_MS];
      else Object.assign(state, { ...NOTHING, fault: error.message });
    } finally {
      state.isAsking = false;
    }
    if (isStale && !isOver && form.title.trim()) timer = setTimeout(() => void read(), wait);
  }

  function stop(): void {
    isOver = true;
    clearTimeout(timer);
  }

  return { state, understood, changed, stop };
}
