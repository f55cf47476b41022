/** Where in a text the matched terms stand. */
import type { Evidence } from "../api/types";

export interface Piece {
  text: string;
  isHit: boolean;
}

/** Evidence whose words are found in running text; of the others only numbers and places would light up. */
const IN_TEXT = new Set(["title", "duties", "skill", "description", "related", "domain"]);

/** The words to highlight: the resume's own for what the feed asked, longest first. */
export function termsOf(why: readonly Evidence[]): string[] {
  const words = why
    .filter((row) => IN_TEXT.has(row.field) && row.points > 0)
    .flatMap((row) => [row.term, row.matched])
    .flatMap((text) => [text, ...text.split(/[\s,，、;；/]+/)])
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word.length > 1 || /[a-z]/.test(word));
  return [...new Set(words)].sort((one, other) => other.length - one.length);
}

const isLatin = (character: string | undefined): boolean =>
  character !== undefined && /[a-z0-9+#]/.test(character);

/** A term of Latin letters is a word of its own: `java` is no part of `javascript`. */
function stands(text: string, at: number, term: string): boolean {
  const startsInside = isLatin(text[at - 1]) && isLatin(term[0]);
  const endsInside = isLatin(text[at + term.length]) && isLatin(term[term.length - 1]);
  return !startsInside && !endsInside;
}

/** A text in pieces, alternately plain and found; together they are the text. */
export function pieces(text: string, terms: readonly string[]): Piece[] {
  // Characters that change their length when lowered would shift what follows.
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
