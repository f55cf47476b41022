/** What the preview offers to do without: a wish of the form, or a requirement as a must. */
import { REQUIRED, WISHES } from "../text/words";
import type { FeedForm } from "./editor";
import { type Advice, without } from "./preview";
import { offerUndo } from "./snack";

export function easing(form: FeedForm) {
  /** Take a wish out of the form. */
  function relax(field: Advice["field"]): void {
    const values = without(field);
    const before = JSON.parse(JSON.stringify(form)) as FeedForm;
    Object.assign(form, values);
    offerUndo(`已去掉${WISHES[field]}`, async () => {
      for (const name of Object.keys(values) as (keyof FeedForm)[])
        Object.assign(form, { [name]: before[name] });
    });
  }

  /** Have a requirement as a wish that was a must. */
  function wish(field: string): void {
    const before = form.requirements;
    form.requirements = { ...before, must: before.must.filter((name) => name !== field) };
    offerUndo(`不强求${REQUIRED[field]}`, async () => {
      form.requirements = before;
    });
  }

  return { relax, wish };
}
