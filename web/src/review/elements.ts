/** Elements made by functions: the page is too small for a library. */
type Child = Node | string | false | null | undefined;

/**
 * An element with properties, attributes (`aria-…`, `role`) and what stands in it.
 *
 *     el("button", { type: "button", "aria-pressed": "true" }, "想见")
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  fields: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(fields)) {
    if (key in made) Object.assign(made, { [key]: value });
    else made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

export const button = (words: string, act: () => void, fields: Record<string, unknown> = {}) =>
  el("button", { type: "button", onclick: act, ...fields }, words);

/** A paragraph, unless there is nothing to say. */
export const line = (words: string, className = "") => words !== "" && el("p", { className }, words);
