/** Tables that are being imported, piece by piece. They go on while another view is shown. */
import { slowly } from "../slowly";
import { reactive } from "vue";
import { ApiError } from "../../../src/api/error";
import { postAdminApiTablesTableIdImport } from "../../../src/api/generated/sdk.gen";
import { ask } from "../../../src/api/ask";
import { given } from "../api/tables";
import type { TableRow, TableView } from "../api/types";
import { session } from "../session";

/** How often a piece is asked for again by itself, and the pause before it: a piece that was stored is not stored twice. */
const TRIES = 5;
const PAUSE_MS = 2_000;

export interface Run {
  isRunning: boolean;
  failure: string;
  /** The table as the last answer has it. */
  table: TableRow | null;
}

const runs = reactive(new Map<string, Run>());

/** The run of a table; one that does nothing where it was not started here. */
export function runOf(id: string): Run {
  if (!runs.has(id)) runs.set(id, { isRunning: false, failure: "", table: null });
  return runs.get(id) as Run; // and not what was set, which is not reactive
}

const choices = new Map<string, Record<string, string>>();

/** What a column of a source was said to be by hand, by its header: another sheet of it has the same. */
const said = new Map<string, string>();
const headed = (table: TableView, column: number): string =>
  JSON.stringify([table.source, table.columns.find(({ index }) => index === column)?.header]);

/** Which column is what, as this tab has it: proposed by the server, then changed here, until it is imported by. */
export function choicesOf(table: TableView): Record<string, string> {
  let found = choices.get(table.id);
  if (!found) {
    found = reactive({ ...table.mapping });
    for (const { index } of table.columns) {
      const field = said.get(headed(table, index));
      if (field !== undefined) found[String(index)] = field;
    }
    choices.set(table.id, found);
  }
  return found;
}

export function choose(table: TableView, column: number, field: string): void {
  choicesOf(table)[String(column)] = field;
  said.set(headed(table, column), field);
}

/**
 * Import what is left of a table.
 *
 * @param mapping with the first piece; later ones go by the one in force
 */
export async function importTable(id: string, mapping?: Record<string, string>): Promise<void> {
  const run = runOf(id);
  if (run.isRunning) return;
  Object.assign(run, { isRunning: true, failure: "" });
  try {
    let body = mapping ? { mapping } : {};
    do {
      run.table = await piece(id, body);
      // The server goes by them from now on, and proposes them where it is begun anew.
      choices.delete(id);
      body = {};
    } while (run.table.state !== "done" && session.token);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    run.failure = [error.message, ...Object.values(error.errors).map((some) => some.join("；"))].join("：");
  } finally {
    run.isRunning = false;
  }
}

async function piece(id: string, body: { mapping?: Record<string, string> }): Promise<TableRow> {
  for (let left = TRIES; ; left--) {
    try {
      const call = postAdminApiTablesTableIdImport({ path: { table_id: id }, body, fetch: slowly });
      return given((await ask(call)).table);
    } catch (error) {
      const passes =
        error instanceof ApiError && ["network", "too_many", "unavailable"].includes(error.status);
      if (!passes || left <= 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
