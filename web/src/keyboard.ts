/**
 * Vant's components have the roles of buttons, tabs and the like, but react to touch and clicks only. Here Enter and
 * space press the one that has the focus, as they press a real button.
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
