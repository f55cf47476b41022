/** What goes over `/special_feed/ws/`, as `/openapi.json` has it. Nothing is spelt out here. */
export type { ClientMessage, ServerFrame as Frame } from "../api/generated/types.gen";

/** Close codes that need an answer of their own. After any other one the client connects again. */
export const TRY_LATER = 1013;
export const NOT_AUTHENTICATED = 4401;
export const REPLACED = 4409;
