/** Light or dark: as the device says, or as the recruiter chose. */
import { computed, ref, watch } from "vue";

export type Theme = "auto" | "light" | "dark";
const KEY = "talentfeed.theme";
const device = matchMedia("(prefers-color-scheme: dark)");
const isDeviceDark = ref(device.matches);

function recall(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

export const theme = ref<Theme>(recall());
export const isDark = computed(() => (theme.value === "auto" ? isDeviceDark.value : theme.value === "dark"));

/** Show the page as the device says and the recruiter chooses, from now on. */
export function followTheme(): void {
  device.addEventListener?.("change", (event) => (isDeviceDark.value = event.matches));
  watch(theme, (chosen) => {
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Without storage the choice holds until the page is closed.
    }
  });
  watch(isDark, (dark) => (document.documentElement.dataset.theme = dark ? "dark" : "light"), {
    immediate: true,
  });
}
