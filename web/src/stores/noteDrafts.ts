/**
 * Notes that are being written, kept in this tab until they are sent: a call, a Back, or a session that ends must not
 * cost what was typed. A logout forgets them.
 *
 *     const content = noteDraft(() => props.resumeId);   // a text to write to
 *     dropNote(props.resumeId);                          // it was sent
 */
import { computed, reactive, type WritableComputedRef } from "vue";
import { session } from "./session";

const KEY = "talentfeed.notes";
/** Notes that are kept at a time, the latest. Nobody writes to more people at once. */
const MOST = 30;

interface Note {
  user: string;
  about: string;
  text: string;
}

const notes = reactive<Note[]>(recall());

function recall(): Note[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? (kept as Note[]) : [];
  } catch {
    return [];
  }
}

function keep(): void {
  try {
    if (notes.length) sessionStorage.setItem(KEY, JSON.stringify(notes));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage they last until the page is loaded again.
  }
}

function write(about: string, text: string): void {
  dropNote(about);
  if (text) notes.push({ user: session.user, about, text });
  notes.splice(0, notes.length - MOST);
  keep();
}

/** What the account is writing about somebody, or nothing. */
export function noteDraft(about: () => string): WritableComputedRef<string> {
  return computed({
    get: () => notes.find((note) => note.user === session.user && note.about === about())?.text ?? "",
    set: (text) => write(about(), text),
  });
}

export function dropNote(about: string): void {
  const at = notes.findIndex((note) => note.user === session.user && note.about === about);
  if (at < 0) return;
  notes.splice(at, 1);
  keep();
}

/** Forget everything, as at a logout. */
export function dropNotes(): void {
  notes.splice(0);
  keep();
}
