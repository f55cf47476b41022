/** Waits for answers of the API, and tells success from everything else. Knows no session: see `client.ts`. */
import { ApiError } from "./error";

/** What a generated function resolves to. It never rejects. */
export interface Outcome<T> {
  data?: T;
  error?: unknown;
  /** Missing where no answer came. */
  response?: Response;
}

/**
 * Wait for the answer to a request.
 *
 *     const answer = await ask(getSpecialFeedPage(), ["ok", "no_feed"]);
 *
 * @param accept the statuses that count as success
 * @throws ApiError for any other status, and where there is no answer
 */
export async function ask<T extends { status: string; msg: string }>(
  call: Promise<Outcome<T>>,
  accept: readonly T["status"][] = ["ok"],
): Promise<T> {
  const outcome = await call;
  const response = arrived(outcome);
  const answer = (outcome.data ?? outcome.error) as Partial<T> & { errors?: Record<string, string[]> };
  if (typeof answer?.status !== "string") {
    throw new ApiError("unreadable", `服务器暂时无法回答（${response.status}）`);
  }
  if (!response.ok || !accept.includes(answer.status)) {
    throw new ApiError(answer.status, answer.msg || "操作没有成功，请稍后再试", answer.errors);
  }
  return answer as T;
}

/**
 * The response to a request.
 *
 * @throws ApiError where none came, or where the connection broke within it
 */
export function arrived({ error, response }: Outcome<unknown>): Response {
  const isBroken = error instanceof Error && !(error instanceof SyntaxError);
  if (!response || isBroken) throw new ApiError("network", "连不上服务器，请检查网络后再试");
  return response;
}
