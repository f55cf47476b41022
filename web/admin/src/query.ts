/** Filters and the page of a list, kept in the URL: a reload and a link show the same. Never anything personal. */
import { computed, type ComputedRef, ref } from "vue";
import { useRoute, useRouter } from "vue-router";
import { searched } from "./stores/search";

export interface ListUrl {
  value: ComputedRef<(name: string, otherwise?: string) => string>;
  start: ComputedRef<number>;
  /** Change filters, which leads to the first page. An empty text leaves one out. */
  filter: (changes: Record<string, string>) => Promise<unknown>;
  turn: (start: number) => void;
}

export function useListUrl(): ListUrl {
  const route = useRoute();
  const router = useRouter();
  const value = computed(() => (name: string, otherwise = ""): string => {
    const found = route.query[name];
    return typeof found === "string" ? found : otherwise;
  });
  return {
    value,
    start: computed(() => Math.max(0, Math.floor(Number(value.value("page", "1"))) - 1) || 0),
    filter(changes) {
      const query: Record<string, string> = {};
      for (const [name, given] of Object.entries({ ...route.query, ...changes, page: "" })) {
        if (typeof given === "string" && given) query[name] = given;
      }
      return router.replace({ query });
    },
    turn(start) {
      void router.push({ query: { ...route.query, page: start ? String(start + 1) : undefined } });
    },
  };
}

/**
 * A list that is searched by words, which no URL has.
 *
 * @param load reads the list
 */
export function useWords(of: "accounts" | "companies", url: ListUrl, load: () => Promise<unknown>) {
  const words = ref(searched[of]);
  function find(): void {
    searched[of] = words.value.trim();
    // Where that leads to another page, the list is read because of it.
    if (url.start.value) void url.filter({});
    else void load();
  }
  return { words, find };
}
