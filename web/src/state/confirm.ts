import { type DialogOptions, showConfirmDialog } from "vant";

/**
 * Ask whether something shall really be done.
 *
 * The answer always comes: left to itself, Vant closes a dialog without one when the history moves, and a page
 * that asks before it is left would wait for ever.
 */
export function confirmed(options: DialogOptions): Promise<boolean> {
  return showConfirmDialog({ ...options, closeOnPopstate: false }).then(
    () => true,
    () => false,
  );
}
