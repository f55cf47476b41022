/** What every client of the API shares: how long a request may take, and what an answer means. */
import { ApiError } from "./error";

/** When a request is given up. The server answers within seconds or with 503; longer than this is a dead network. */
const PATIENCE_MS = 15_000;

/** A `fetch` that gives up in time. */
export const patientFetch =
  (patience_ms = PATIENCE_MS) =>
  async (request: Request): Promise<Response> => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience_ms);
    request.signal.addEventListener("abort", () => stop.abort());
    try {
      return await fetch(request, { signal: stop.signal, cache: "no-store" });
    } finally {
      clearTimeout(timer);
    }
  };

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Wait for the answer to a request.
 *
 * @param accept the statuses that count as success
 * @throws ApiError for any other status, and where there is no answer
 */
export async function ask<T extends { status: string; msg: string }>(
  call: Promise<Outcome<T>>,
  accept: readonly T["status"][] = ["ok"],
): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await call;
  } catch {
    throw new ApiError("network", "连不上服务器，请检查网络后再试");
  }
  const answer = (outcome.data ?? outcome.error) as Partial<T> & { errors?: Record<string, string[]> };
  if (typeof answer?.status !== "string") {
    throw new ApiError("unreadable", `服务器暂时无法回答（${outcome.response.status}）`);
  }
  if (!outcome.response.ok || !accept.includes(answer.status)) {
    throw new ApiError(answer.status, answer.msg || "操作没有成功，请稍后再试", answer.errors);
  }
  return answer as T;
}
