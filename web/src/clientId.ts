/**
 * A name for what is about to be sent: sent again under it after an answer was lost, it is not done twice. Not
 * `randomUUID`, which browsers have on HTTPS alone.
 */
export const newClientId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
