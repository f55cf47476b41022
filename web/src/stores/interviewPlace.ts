/** Where the last interview of each kind was: most take place where the one before did. */
const KEY = "talentfeed.places";

function kept(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

export const keptPlace = (kind: string): string => kept()[kind] ?? "";

export function keepPlace(kind: string, place: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...kept(), [kind]: place }));
  } catch {
    // Without storage it is typed again.
  }
}
