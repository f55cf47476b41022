/**
 * Colleagues who are named in a comment: people write and read `@小王`, the API has `@[id]`, and tells them of it.
 */
import { reactive } from "vue";
import { ask } from "../api/ask";
import { getCompany } from "../api/generated/sdk.gen";
import { session } from "./session";

const NAMED = /@\[([0-9a-f]{24})\]/g;

/** Members by id; the account's own are read anew with each login. */
const known = reactive({ user: "", names: {} as Record<string, string> });

/** Read who is in the company, once. */
export async function knowColleagues(): Promise<void> {
  if (known.user === session.user) return;
  Object.assign(known, { user: session.user, names: {} });
  const answer = await ask(getCompany()).catch(() => null);
  if (!answer) known.user = ""; // asked again with the next comment
  for (const { id, name, state } of answer?.data.members ?? [])
    if (state === "active") known.names[id] = name;
}

/** The names of all others. */
export const colleagueNames = (): string[] =>
  Object.entries(known.names).flatMap(([id, name]) => (id === session.user ? [] : [name]));

/** A comment as it is read. */
export function shownText(content: string): string {
  if (!content.includes("@[")) return content;
  void knowColleagues();
  return typedText(content).replace(NAMED, "@同事");
}

/** A comment as it is corrected: whose name is not known, or not yet, stays named by the id. */
export const typedText = (content: string): string =>
  content.replace(NAMED, (whole, id: string) => (known.names[id] ? `@${known.names[id]}` : whole));

/** A comment as it is sent: whoever is named is told. Of two names that begin alike the longer one is meant. */
export function sentText(text: string): string {
  const others = Object.entries(known.names).filter(([id]) => id !== session.user);
  others.sort(([, one], [, other]) => other.length - one.length);
  return others.reduce((content, [id, name]) => content.split(`@${name}`).join(`@[${id}]`), text);
}
