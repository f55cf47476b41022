/** Whoever was read in one feed is read in the others that have them. */
import { ApiError } from "../api/error";
import { type Queue, type Twin, twinsToRead } from "../queue/model";
import { readResult } from "./people";

export function readTwins(queue: Queue): void {
  for (const twin of twinsToRead(queue)) void readTwin(twin);
}

async function readTwin(twin: Twin): Promise<void> {
  twin.isRead = true;
  try {
    await readResult(twin.feedId, twin.resumeId);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== "not_found") twin.isRead = false; // with the next answer that comes, again
  }
}
