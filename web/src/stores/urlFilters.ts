/**
 * Keeps the filters of a list in the URL, so that a reload, Back and a link that is passed on show the same list.
 *
 * The URL replaces its entry of the history: Back leaves the list, and does not walk through everything that was tried.
 * While a resume stands beside the list, the URL is the resume's, and the list's own filters hold.
 */
import { watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { filtersFrom, isSame, urlQueryOf } from "../filters";
import { reload, type ResultList } from "./results";

/** Begin with the filters of the URL; called in the setup of a list's page, before it is read. */
export function useUrlFilters(list: ResultList): void {
  const route = useRoute();
  const router = useRouter();
  const path = `/feeds/${list.feedId}`;
  const isHere = (): boolean => route.path === path;

  /** Take the filters of the URL; whether they are others. */
  function take(): boolean {
    const filters = filtersFrom(route.query);
    if (isSame(filters, list.filters)) return false;
    list.filters = filters;
    return true;
  }

  function write(): void {
    if (isHere() && !isSame(filtersFrom(route.query), list.filters)) {
      void router.replace({ path, query: urlQueryOf(list.filters) });
    }
  }

  // What is kept of the list is of other filters, and is read anew.
  if (isHere() && take()) Object.assign(list, { items: [], isLoaded: false });
  watch(() => list.filters, write);
  watch(
    () => [route.path, route.query] as const,
    ([, query], [before]) => {
      // Whoever closes a resume beside the list comes back to an address that may name no filters.
      if (before !== path && !Object.keys(query).length) write();
      else if (isHere() && take()) void reload(list);
    },
  );
}
