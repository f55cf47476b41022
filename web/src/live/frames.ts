/**
 * What goes over `/special_feed/ws/`, as `/openapi.json` has it. Nothing is spelt out here: the server's frames are
 * the components whose names end in `Frame`, the client's messages those that end in `Message`.
 */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Frame = Schemas[Extract<keyof Schemas, `${string}Frame`>];
export type ClientMessage = Schemas[Extract<keyof Schemas, `${string}Message`>];

/** Close codes that need an answer of their own. After any other one the client connects again. */
export const TRY_LATER = 1013;
export const NOT_AUTHENTICATED = 4401;
export const REPLACED = 4409;
