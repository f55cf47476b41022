/**
 * Vant's parts listen to fingers alone, though they say by their role that they are buttons and the like.
 * Enter and space press what has such a role and the focus, as they press a real button.
 */
const PRESSABLE = new Set(["button", "tab", "checkbox", "radio", "switch", "option", "menuitem"]);

export function pressByKeys(root: Document): void {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    const target = event.target;
    if (!(target instanceof HTMLElement) || target.matches("button, a, input, textarea, select")) return;
    if (!PRESSABLE.has(target.getAttribute("role") ?? "")) return;
    event.preventDefault();
    target.click();
  });
}
