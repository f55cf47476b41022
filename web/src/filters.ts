/** The filters of a feed's list: as the API takes them, as they stand in the URL, and in words. Pure. */
import type { ListQuery, Tier } from "./api/types";
import { listOf, salaryText } from "./text/format";
import { FILTER_WORDS, TIERS } from "./text/words";

type Asked<K extends keyof ListQuery> = NonNullable<ListQuery[K]>;
export type Sort = Asked<"sort">;
export type Degree = Asked<"degree">;
export type Work = Asked<"work">;

export interface Filters {
  tier: Tier;
  sort: Sort;
  kind: "all" | "title_match" | "extend_match";
  isUnreadOnly: boolean;
  days: 0 | 7 | 15 | 30;
  /** Cities, or any part of an address. */
  areas: string[];
  /** Yuan a month. */
  salaryMin: number | null;
  salaryMax: number | null;
  degree: Degree | "";
  yearsMin: number | null;
  yearsMax: number | null;
  /** Words of `FILTER_WORDS.schools`. */
  schools: string[];
  scoreMin: number;
  /** Words of `FILTER_WORDS.states`. */
  states: string[];
  mark: string;
  /** Where people stand, a word of `FILTER_WORDS.works`. */
  work: Work | "";
  isFavouriteOnly: boolean;
  search: string;
  isRemoved: boolean;
}

export const noFilters = (): Filters => ({
  tier: "strong",
  sort: "time",
  kind: "all",
  isUnreadOnly: false,
  days: 0,
  areas: [],
  salaryMin: null,
  salaryMax: null,
  degree: "",
  yearsMin: null,
  yearsMax: null,
  schools: [],
  scoreMin: 0,
  states: [],
  mark: "",
  work: "",
  isFavouriteOnly: false,
  search: "",
  isRemoved: false,
});

/** Bounds of the API. */
export const MAX_SEARCH = 200;
const MAX_AREAS_CHARS = 200;
const MAX_YEARS = 60;
const MAX_MARK = 50;
const MAX_PAY = 1_000_000;

/** As the API takes them. What was removed is asked for in both tiers. */
export function queryOf(filters: Filters): ListQuery {
  const { areas, degree, schools, states, mark, work, search } = filters;
  return {
    tier: filters.isRemoved ? "all" : filters.tier,
    sort: filters.sort,
    ...(filters.isUnreadOnly && { latest: 1 as const }),
    ...(filters.kind !== "all" && { [filters.kind]: 1 }),
    ...(filters.days && { reco_time: filters.days }),
    ...(areas.length && { current_area: areas.join(",") }),
    ...(filters.salaryMin !== null && { salary_min: filters.salaryMin }),
    ...(filters.salaryMax !== null && { salary_max: filters.salaryMax }),
    ...(degree && { degree }),
    ...(filters.yearsMin !== null && { years_min: filters.yearsMin }),
    ...(filters.yearsMax !== null && { years_max: filters.yearsMax }),
    ...(schools.length && { school: schools.join(",") }),
    ...(filters.scoreMin && { score_min: filters.scoreMin }),
    ...(states.length && { state: states.join(",") }),
    ...(mark && { mark }),
    ...(work && { work }),
    ...(filters.isFavouriteOnly && { favourite: 1 as const }),
    ...(search && { search }),
    ...(filters.isRemoved && { removed: 1 as const }),
  };
}

type UrlQuery = Record<string, string>;

/** As they stand in the URL: what filters nothing is left out, so that a feed's plain address stays short. */
export function urlQueryOf(filters: Filters): UrlQuery {
  const { tier } = filters; // stays chosen while what was removed is shown
  const asked = Object.entries({ ...queryOf(filters), tier }).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const plain: UrlQuery = { tier: "strong", sort: "time" };
  return Object.fromEntries(asked.filter(([name, value]) => plain[name] !== value));
}

/** The filters that an address names. Unknown names and values are passed over: an old link still opens. */
export function filtersFrom(query: Readonly<Record<string, unknown>>): Filters {
  const text = (name: string): string => {
    const value: unknown = Array.isArray(query[name]) ? query[name][0] : query[name];
    return typeof value === "string" ? value.trim() : "";
  };
  const is = (name: string): boolean => text(name) === "1";
  const oneOf = <T extends string>(name: string, options: readonly T[], otherwise: T): T =>
    options.find((option) => option === text(name)) ?? otherwise;
  const someOf = (name: string, options: object): string[] =>
    listOf(text(name)).filter((word) => Object.keys(options).includes(word));
  const whole = (name: string, most: number): number | null => {
    const value = /^\d{1,7}$/.test(text(name)) ? Number(text(name)) : null;
    return value !== null && value <= most ? value : null;
  };
  const found: Filters = {
    tier: oneOf("tier", Object.keys(TIERS) as Tier[], "strong"),
    sort: oneOf("sort", Object.keys(FILTER_WORDS.sorts) as Sort[], "time"),
    kind:
      is("title_match") === is("extend_match") ? "all" : is("title_match") ? "title_match" : "extend_match",
    isUnreadOnly: is("latest"),
    days: ([7, 15, 30] as const).find((days) => String(days) === text("reco_time")) ?? 0,
    areas: listOf(text("current_area").slice(0, MAX_AREAS_CHARS)),
    salaryMin: whole("salary_min", MAX_PAY),
    salaryMax: whole("salary_max", MAX_PAY),
    degree: oneOf("degree", ["", ...(Object.keys(FILTER_WORDS.degrees) as Degree[])], ""),
    yearsMin: whole("years_min", MAX_YEARS),
    yearsMax: whole("years_max", MAX_YEARS),
    schools: someOf("school", FILTER_WORDS.schools),
    scoreMin: whole("score_min", 100) ?? 0,
    states: someOf("state", FILTER_WORDS.states),
    mark: text("mark").slice(0, MAX_MARK),
    work: oneOf("work", ["", ...(Object.keys(FILTER_WORDS.works) as Work[])], ""),
    isFavouriteOnly: is("favourite"),
    search: text("search").slice(0, MAX_SEARCH),
    isRemoved: is("removed"),
  };
  return inOrder(found);
}

/** Bounds the right way round, as somebody may type them: the API refuses more years at least than at most. */
export function inOrder(filters: Filters): Filters {
  const { yearsMin, yearsMax, salaryMin, salaryMax } = filters;
  const [low, high] =
    yearsMin !== null && yearsMax !== null && yearsMin > yearsMax
      ? [yearsMax, yearsMin]
      : [yearsMin, yearsMax];
  const [least, most] =
    salaryMin !== null && salaryMax !== null && salaryMin > salaryMax
      ? [salaryMax, salaryMin]
      : [salaryMin, salaryMax];
  return { ...filters, yearsMin: low, yearsMax: high, salaryMin: least, salaryMax: most };
}

/** One filter that is set, in words, and the filters without it. */
export interface SetFilter {
  name: string;
  words: string;
  without: Filters;
}

/** Everything that narrows the list, in the order of the sheet. Tier and order choose a list, and narrow none. */
export function setFilters(filters: Filters): SetFilter[] {
  const plain = noFilters();
  const { degrees, schools, states, works, kinds } = FILTER_WORDS;
  const found: SetFilter[] = [];
  const add = (isSet: boolean, words: string, ...names: (keyof Filters)[]): void => {
    if (!isSet) return;
    const reset = Object.fromEntries(names.map((name) => [name, plain[name]]));
    found.push({ name: names.join(), words, without: { ...filters, ...reset } });
  };
  const several = (words: readonly string[], names: Record<string, string>): string =>
    words.map((word) => names[word] ?? word).join("、");
  add(filters.isRemoved, "已移出的", "isRemoved");
  add(filters.search !== "", `“${filters.search}”`, "search");
  add(filters.isUnreadOnly, "未读", "isUnreadOnly");
  add(filters.isFavouriteOnly, "已收藏", "isFavouriteOnly");
  add(filters.mark !== "", `标记：${filters.mark}`, "mark");
  add(filters.work !== "", filters.work && works[filters.work], "work");
  add(filters.degree !== "", `${filters.degree && degrees[filters.degree]}以上`, "degree");
  add(
    filters.yearsMin !== null || filters.yearsMax !== null,
    yearsRange(filters.yearsMin, filters.yearsMax),
    "yearsMin",
    "yearsMax",
  );
  add(filters.schools.length > 0, several(filters.schools, schools), "schools");
  add(filters.states.length > 0, several(filters.states, states), "states");
  add(filters.areas.length > 0, filters.areas.join("、"), "areas");
  add(
    filters.salaryMin !== null || filters.salaryMax !== null,
    `期望 ${salaryText(filters.salaryMin ?? 0, filters.salaryMax ?? MAX_PAY)}`,
    "salaryMin",
    "salaryMax",
  );
  add(filters.scoreMin > 0, `${filters.scoreMin} 分以上`, "scoreMin");
  add(filters.kind !== "all", kinds[filters.kind], "kind");
  add(filters.days !== 0, `近 ${filters.days} 天`, "days");
  return found;
}

function yearsRange(least: number | null, most: number | null): string {
  if (least === null) return `${most} 年以下`;
  if (most === null) return `${least} 年以上`;
  return least === most ? `${least} 年` : `${least}–${most} 年`;
}

export const isFiltered = (filters: Filters): boolean => setFilters(filters).length > 0;

/** Without anything that narrows it; the tier and the order stay. */
export const unfiltered = ({ tier, sort }: Filters): Filters => ({ ...noFilters(), tier, sort });

export const isSame = (one: Filters, other: Filters): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
