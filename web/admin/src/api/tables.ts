/** Sending a table: a form with a file, which the typed client does not make by itself. */
import { ask, slowApi } from "./client";
import type { TableView } from "./types";

/** The file that this tab sent last: another of its sheets needs it again. */
let sent: { id: string; file: File } | null = null;

/**
 * Send a table.
 *
 * @param sheet of a workbook that has several; the first where it is left out
 */
export async function sendTable(file: File, source: string, sheet = ""): Promise<TableView> {
  const form = new FormData();
  form.append("source", source);
  if (sheet) form.append("sheet", sheet);
  form.append("file", file, file.name);
  const call = slowApi.POST("/admin/api/tables/", {
    body: form as never,
    bodySerializer: (body) => body as never,
  });
  const { table } = await ask(call);
  sent = { id: table.id, file };
  return table;
}

/** The file of a table, where this tab sent it. */
export const fileOf = (id: string): File | null => (sent?.id === id ? sent.file : null);
