/**
 * Files on their way in, one a request, so that each has its outcome as soon as it is read, and one that fails
 * holds up no other. They go on while another view is shown.
 */
import { slowly } from "../slowly";
import { computed, reactive } from "vue";
import { ApiError } from "../../../src/api/error";
import { postAdminApiFiles } from "../../../src/api/generated/sdk.gen";
import { ask } from "../../../src/api/ask";
import type { FileResult } from "../api/types";
import { session } from "../session";

/** The server's own bound, of a file. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Files under way at once: while one is read, the next is sent. */
const AT_ONCE = 2;
/** How often a file is sent again by itself where the server asks to wait, and how long it waits in between. */
const TRIES = 5;
const PAUSE_MS = 3_000;

export interface Upload {
  id: number;
  file: File;
  source: string;
  isTrial: boolean;
  state: "waiting" | "sending" | "done" | "failed";
  failure: string;
  results: FileResult[];
}

let last = 0;
let running = 0;
export const uploads = reactive<Upload[]>([]);
export const waiting = computed(
  () => uploads.filter(({ state }) => state === "waiting" || state === "sending").length,
);

const askToStay = (event: BeforeUnloadEvent): void => {
  event.preventDefault();
  event.returnValue = ""; // older browsers ask for this
};

/** Why a file is not sent at all; sending it again would not help. */
export const faultOf = ({ size }: File): string =>
  size > MAX_FILE_BYTES ? "文件超过 10 MB，请拆分或压缩后再传" : size ? "" : "文件是空的";

/** Send files, after those that wait already. */
export function upload(files: readonly File[], source: string, isTrial: boolean): void {
  for (const file of files) {
    const failure = faultOf(file);
    const state = failure ? "failed" : "waiting";
    uploads.push({ id: ++last, file, source, isTrial, state, failure, results: [] });
  }
  work();
}

/** Send what failed once more. */
export function retry(one: Upload): void {
  if (one.state !== "failed" || faultOf(one.file)) return;
  Object.assign(one, { state: "waiting", failure: "" });
  work();
}

/** Take what is over from the list, or all that waits. */
export function clear(states: readonly Upload["state"][]): void {
  uploads.splice(0, uploads.length, ...uploads.filter(({ state }) => !states.includes(state)));
}

/** Leave all of them, whatever they wait for; what is under way comes to its end unseen. */
export function forgetUploads(): void {
  uploads.splice(0);
}

function work(): void {
  while (running < AT_ONCE) {
    const next = uploads.find(({ state }) => state === "waiting");
    if (!next) break;
    if (running++ === 0) addEventListener("beforeunload", askToStay);
    next.state = "sending";
    void send(next).finally(() => {
      if (--running === 0) removeEventListener("beforeunload", askToStay);
      work();
    });
  }
}

async function send(one: Upload): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      one.results = await sent(one);
      one.state = "done";
      return;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : "";
      if ((status === "too_many" || status === "unavailable") && left > 1 && session.token) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        continue;
      }
      one.state = "failed";
      one.failure = error instanceof ApiError ? error.message : "这个文件没有传成功，请重试";
      if (!(error instanceof ApiError)) throw error;
      return;
    }
  }
}

async function sent({ file, source, isTrial }: Upload): Promise<FileResult[]> {
  const body = { source, file: [file], ...(isTrial ? { dry_run: 1 as const } : {}) };
  return (await ask(postAdminApiFiles({ body, fetch: slowly }))).results;
}
