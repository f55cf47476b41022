/** Finds the matched terms in a text. */
import type { Reason } from "../api/types";

export interface Piece {
  text: string;
  isHit: boolean;
}

/** Fields of reasons whose words occur in running text. The others would mark nothing but numbers and places. */
const IN_TEXT = new Set(["title", "duties", "skill", "description", "related", "similar", "domain"]);

/** What a term says of a guess, behind what the feed asks for. */
const GUESS = /(?:（[^）]*）)+$/;

/** The words to mark, longest first: the terms of the feed, and the resume's words for them. */
export function termsOf(why: readonly Reason[]): string[] {
  const words = why
    .filter((row) => IN_TEXT.has(row.field) && row.points > 0)
    .flatMap((row) => [row.term, row.term.replace(GUESS, ""), row.matched])
    .flatMap((text) => [text, ...text.split(/[\s,，、;；/]+/)])
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word.length > 1 || /[a-z]/.test(word));
  return [...new Set(words)].sort((one, other) => other.length - one.length);
}

const isLatin = (character: string | undefined): boolean =>
  character !== undefined && /[a-z0-9+#]/.test(character);

/** Whether a term is a whole word there: `java` is not found in `javascript`. */
function stands(text: string, at: number, term: string): boolean {
  const startsInside = isLatin(text[at - 1]) && isLatin(term[0]);
  const endsInside = isLatin(text[at + term.length]) && isLatin(term[term.length - 1]);
  return !startsInside && !endsInside;
}

/** A text in pieces, plain ones and found ones. Together they are the text. */
export function pieces(text: string, terms: readonly string[]): Piece[] {
  // A few characters change their length in lower case, which would shift every position after them.
  const lowered = text.toLowerCase();
  if (lowered.length !== text.length) return text ? [{ text, isHit: false }] : [];
  const found: Piece[] = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length;) {
    const term = terms.find((one) => lowered.startsWith(one, at) && stands(lowered, at, one));
    if (!term) {
      at += 1;
      continue;
    }
    if (at > plainFrom) found.push({ text: text.slice(plainFrom, at), isHit: false });
    found.push({ text: text.slice(at, at + term.length), isHit: true });
    at += term.length;
    plainFrom = at;
  }
  if (plainFrom < text.length) found.push({ text: text.slice(plainFrom), isHit: false });
  return found;
}
