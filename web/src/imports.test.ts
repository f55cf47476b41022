import { expect, test } from "vitest";

const sources = import.meta.glob<string>(["./**/*.{ts,vue}", "!./**/*.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The files that a file imports, at once or later. */
function importsOf(path: string): string[] {
  const found = sources[path]?.matchAll(/(?:from|import\(|^import) ?"(\.[^"]+)"/gm) ?? [];
  return [...found].map(([, to]) => {
    const url = new URL(to ?? "", `file:///${path}`).pathname;
    return [`.${url}`, `.${url}.ts`].find((name) => name in sources) ?? "";
  });
}

/** The first way that leads from a file back to itself. */
function circle(): string[] {
  const done = new Set<string>();
  function visit(path: string, way: string[]): string[] {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const to of importsOf(path)) {
      const found = visit(to, [...way, path]);
      if (found.length) return found;
    }
    done.add(path);
    return [];
  }
  for (const path of Object.keys(sources)) {
    const found = visit(path, []);
    if (found.length) return found;
  }
  return [];
}

test("no file imports itself, by whatever way", () => {
  expect(importsOf("./router.ts")).toContain("./views/ResumeView.vue");
  expect(circle()).toEqual([]);
});

test("the router is imported where the page starts, and nowhere else", () => {
  const users = Object.keys(sources).filter((path) => importsOf(path).includes("./router.ts"));
  expect(users).toEqual(["./main.ts"]);
});
