/**
 * Vant's icons without those that nothing names: all 259 are a third of what a phone loads before the first page.
 *
 * An icon counts as used where its name stands in quotes in the page's sources or in Vant's own components.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

const RULE = /\.van-icon-([\w-]+):before\{content:"\\(\w+)"\}/g;
const FONT = /(url\(data:font\/woff2;[^,]*base64,)([^)]+)\)/;
const QUOTED = /["'`]([a-z-]+)["'`]/g;

/** Every text in quotes that may be a name, in all files below a folder. */
function quotedIn(folder: string, ends: RegExp): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => ends.test(name));
  return names.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(QUOTED)].map(([, text]) => text ?? ""),
  );
}

/** Leave the icons out that nothing names, from the style and from the font. */
export function usedIconsOnly(sources: readonly string[], vant: string): Plugin {
  return {
    name: "used-icons-only",
    apply: "build",
    enforce: "pre",
    async transform(css, id) {
      if (!id.endsWith("/vant/es/icon/index.css")) return undefined;
      const used = new Set([
        ...sources.flatMap((folder) => quotedIn(folder, /\.(vue|ts)$/)),
        ...quotedIn(vant, /\.mjs$/),
      ]);
      let letters = "";
      const style = css.replace(RULE, (rule: string, name: string, code: string) => {
        if (!used.has(name)) return "";
        letters += String.fromCodePoint(Number.parseInt(code, 16));
        // The second is of browsers that can say that the letter of the icon's font is nothing to read.
        return rule.replace(/(content:"[^"]*")/, '$1;$1/""');
      });
      const [, begin, font] = FONT.exec(style) ?? [];
      if (!letters || !begin || !font)
        this.error("Vant's icons are not where they were: look at web/icons.ts");
      const subset = await subsetFont(Buffer.from(font, "base64"), letters, { targetFormat: "woff2" });
      return style.replace(FONT, () => `${begin}${subset.toString("base64")})`);
    },
  };
}
