/** The form of a feed: read, copied, submitted. How many it would find while it is filled in is `preview.ts`. */
import { ask } from "../api/ask";
import { ApiError } from "../api/error";
import {
  getSpecialFeedEditFeed,
  getSpecialFeedEditFeedFeedId,
  getSpecialFeedOccupations,
  postSpecialFeedSubmitFeed,
} from "../api/generated/sdk.gen";
import type { Breadth, EditData, FeedView, Occupation, Requirements, SubmittedFeed } from "../api/types";
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
  requirements: Requirements;
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
  requirements: {
    degree: "",
    years_min: null,
    years_max: null,
    certificates: [],
    licence: "",
    languages: [],
    must: [],
  },
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
    requirements: feed.requirements,
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
  isPaused: boolean;
  options: Options;
}

/**
 * The form of a feed, or of a new one, with its option lists.
 *
 * @param copyOf the feed that a new one begins as
 * @throws ApiError where the quota is used up, or a feed does not exist any more
 */
export async function openForm(feedId: string | undefined, copyOf?: string): Promise<Opened> {
  // A copy is a new feed, for which there must be a place.
  if (copyOf && !feedId) await ask(getSpecialFeedEditFeed());
  const source = feedId ?? copyOf;
  const { data } = await ask(
    source ? getSpecialFeedEditFeedFeedId({ path: { feed_id: source } }) : getSpecialFeedEditFeed(),
  );
  const { feed, areas = [], company_prefer = [], expect_area = [] } = data;
  if (!feed) throw new ApiError("unreadable", "服务器没有给出表单");
  const { job_domain = [], job_welfare = [], talent_level = [] } = data;
  return {
    form: source ? formOf(feed) : emptyForm(),
    isPaused: Boolean(feedId && feed.paused),
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
