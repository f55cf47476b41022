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

/** Ask before a page with unsaved edits is left. */
export const mayDiscard = (): Promise<boolean> =>
  confirmed({ title: "放弃修改？", message: "改动还没有保存", confirmButtonText: "放弃" });
