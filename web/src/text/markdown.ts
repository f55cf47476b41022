/** The little of Markdown that the user terms need: headings, paragraphs and lists. Everything else is text. */

export type Block =
  { kind: "title" | "heading" | "paragraph"; text: string } | { kind: "list"; items: string[] };

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let isOpen = false;
  for (const line of markdown.split(/\r?\n/).map((one) => one.trim())) {
    const last = blocks[blocks.length - 1];
    const [, marks, heading] = /^(#{1,6})\s+(.+)$/.exec(line) ?? [];
    const [, item] = /^[-*]\s+(.+)$/.exec(line) ?? [];
    if (heading !== undefined) {
      blocks.push({ kind: marks === "#" ? "title" : "heading", text: heading });
    } else if (item !== undefined) {
      if (last?.kind === "list") last.items.push(item);
      else blocks.push({ kind: "list", items: [item] });
    } else if (line && isOpen && last?.kind === "paragraph") {
      last.text += `\n${line}`;
    } else if (line) {
      blocks.push({ kind: "paragraph", text: line });
    }
    isOpen = line !== "";
  }
  return blocks;
}
