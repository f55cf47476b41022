/** Patience for what takes longer than other requests. */
import { patient } from "../../src/api/client";

/** Files are read while the request waits, scanned ones page by page; an erasure looks through all notes. */
const SLOW_MS = 180_000;

/** The `fetch` of a request that may take minutes. */
export const slowly = patient(SLOW_MS);
