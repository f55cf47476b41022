import { type DialogOptions, showConfirmDialog } from "vant";

/**
 * Ask the recruiter to confirm an action.
 *
 * Vant closes a dialog without an answer when the history moves, and a page that asks before it is left would
 * wait for ever. `closeOnPopstate: false` prevents that.
 */
export function confirmed(options: DialogOptions): Promise<boolean> {
  return showConfirmDialog({ ...options, closeOnPopstate: false }).then(
    () => true,
    () => false,
  );
}
