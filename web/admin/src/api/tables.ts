/** Sending a table, and the file of it while this tab is open. */
import { ask } from "../../../src/api/ask";
import { postAdminApiTables } from "../../../src/api/generated/sdk.gen";
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
  const { table } = await ask(postAdminApiTables({ body, fetch: slowly }));
  sent = { id: table.id, file };
  return table;
}

/** The file of a table, where this tab sent it. */
export const fileOf = (id: string): File | null => (sent?.id === id ? sent.file : null);
