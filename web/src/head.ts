/** What the server tells the page in its head. */
export function metaContent(name: string): string | null {
  // eslint-disable-next-line no-restricted-syntax -- the head belongs to no component
  return document.head.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? null;
}
