/** The day, which goes on while a page stays open: what came today came yesterday then. Who names days watches it. */
import { ref } from "vue";
import { dayAhead } from "../text/format";

/** A moment of the day, in milliseconds. */
export const today = ref(Date.now());

/** Look which day it is, when somebody comes back to the page. */
export function noteDay(): void {
  if (dayAhead(0, today.value) !== dayAhead(0)) today.value = Date.now();
}
