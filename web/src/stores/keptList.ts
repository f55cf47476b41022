/** A list that the account keeps, read page by page while it changes: the newest answer counts, nobody is in it twice. */
import { ApiError } from "../api/error";

const PAGE = 10;
/** The largest page that the server gives. */
const MOST_AT_ONCE = 50;

interface Kept {
  resume: { id: string };
}

/** How every such list begins. */
export const unread = <I extends Kept>() => ({
  items: [] as I[],
  total: 0,
  /** The page that is read next; below 0 there is none. */
  next: 0,
  isLoaded: false,
  isLoading: false,
  failure: "",
});
export type KeptList<I extends Kept> = ReturnType<typeof unread<I>>;

interface Page<I> {
  data: I[];
  total_count: number;
  next_start: number;
}

/**
 * Read pages into a list.
 *
 * @param state the list, a reactive object
 * @param ask asks for a page, and gives the answer with whatever else of it the list is to keep
 * @param failed is called where the newest question had no answer
 */
export function useKeptList<I extends Kept, L extends KeptList<I>>(
  state: L & KeptList<I>,
  ask: (query: { start: number; size: number }) => Promise<{ page: Page<I>; kept: Partial<L> }>,
  failed?: () => void,
) {
  let newest = 0;
  const pages = (): number => Math.floor(state.items.length / PAGE);

  async function read(start: number, size: number): Promise<void> {
    const asked = ++newest;
    state.isLoading = true;
    try {
      const { page, kept } = await ask({ start, size });
      if (asked !== newest) return;
      const known = new Set(start ? state.items.map((item) => item.resume.id) : []);
      const fresh = page.data.filter((item) => !known.has(item.resume.id));
      state.items = start ? [...state.items, ...fresh] : fresh;
      Object.assign(state, kept, {
        total: page.total_count,
        next: page.next_start < 0 ? -1 : pages(),
        isLoaded: true,
        failure: "",
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked !== newest) return;
      state.failure = error.message;
      failed?.();
    } finally {
      if (asked === newest) state.isLoading = false;
    }
  }

  /** Read the list anew, as much of it as is shown and one answer holds. */
  const loadShown = (): Promise<void> =>
    read(0, Math.min(MOST_AT_ONCE, Math.max(PAGE, Math.ceil(state.items.length / PAGE) * PAGE)));

  return {
    /** Read the list anew from its first page. */
    load: (): Promise<void> => read(0, PAGE),
    loadShown,
    // Those that left the list have moved the following ones up, so the next page begins earlier. `read` drops doubles.
    more: (): Promise<void> => read(Math.min(state.next, pages()), PAGE),
    /** Note that the list has changed. Whoever shows it reads it anew; what is on its way may be from before that. */
    stale: (): void => {
      state.isLoaded = false;
      if (state.isLoading) void loadShown();
    },
    /** Heed no answer that is still on its way. */
    drop: (): void => void newest++,
  };
}
