/** Sending a table, and the file of it while this tab is open. */
import { ask } from "../../../src/api/ask";
import { postAdminApiTablesUpload } from "../../../src/api/generated/sdk.gen";
import { ApiError } from "../../../src/api/error";
import { slowly } from "../slowly";
import type { TableView } from "./types";

/** The file that this tab sent last: another of its sheets needs it again. */
let sent: { id: string; file: File } | null = null;

/**
 * Send a table.
 *
 * @param sheet of a workbook that has several; the first where it is left out
 */
export async function sendTable(file: File, source: string, sheet = ""): Promise<TableView> {
  const body = { source, file, ...(sheet ? { sheet } : {}) };
  const table = given((await ask(postAdminApiTablesUpload({ body, fetch: slowly }))).table);
  sent = { id: table.id, file };
  return table;
}

/** The file of a table, where this tab sent it. */
export const fileOf = (id: string): File | null => (sent?.id === id ? sent.file : null);

/** A table that an answer has, as it does where it is `ok`. */
export function given<T>(table: T | null | undefined): T {
  if (!table) throw new ApiError("unreadable", "服务器没有给出表格");
  return table;
}
