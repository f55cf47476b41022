import { closeDialog, type DialogOptions, showConfirmDialog } from "vant";
import { nextTick } from "vue";
import { openLayer, settled } from "../layers";

/**
 * Ask the recruiter to confirm what cannot be taken back. Back and Escape mean no.
 *
 * Vant closes a dialog without an answer when the history moves, and a page that asks before it is left would
 * wait for ever. `closeOnPopstate: false` prevents that.
 */
export async function confirmed(options: DialogOptions): Promise<boolean> {
  const isSure = await new Promise<boolean>((resolve) => {
    const closed = openLayer(() => {
      closeDialog();
      resolve(false);
    });
    showConfirmDialog({ confirmButtonColor: "var(--red)", ...options, closeOnPopstate: false })
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(closed);
    void named(options.title ?? "");
  });
  await settled(); // what is done next may lead to another page
  return isSure;
}

/** Give the dialog its name: Vant has its title where the id of an element belongs. */
async function named(title: string): Promise<void> {
  await nextTick();
  // eslint-disable-next-line no-restricted-syntax -- Vant gives nobody the element
  for (const dialog of document.querySelectorAll(".van-dialog[aria-labelledby]")) {
    dialog.removeAttribute("aria-labelledby");
    dialog.setAttribute("aria-label", title);
  }
}

/** Ask before a page with unsaved edits is left. */
export const mayDiscard = (): Promise<boolean> =>
  confirmed({ title: "放弃修改？", message: "改动还没有保存", confirmButtonText: "放弃" });
