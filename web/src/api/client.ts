/**
 * Requests to the API, typed by `/openapi.json`.
 *
 *     const answer = await ask(api.GET("/special_feed/page/"), ["ok", "no_feed"]);
 *
 * Each request carries the session's credentials, ends after fifteen seconds, and ends the session where the
 * server does not know it any more.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { authorization, endSession, session } from "../state/session";
import { ApiError } from "./error";
import type { paths } from "./schema";

const PATIENCE_MS = 15_000;

async function patientFetch(request: Request): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  request.signal.addEventListener("abort", () => stop.abort());
  try {
    return await fetch(request, { signal: stop.signal, cache: "no-store" });
  } finally {
    clearTimeout(timer);
  }
}

const credentials: Middleware = {
  onRequest({ request }) {
    if (session.token) request.headers.set("Authorization", authorization());
    return request;
  },
  onResponse({ request, response }) {
    // An answer to an older session's request does not end a newer one.
    const sent = request.headers.get("Authorization");
    if (response.status === 401 && session.token && sent === authorization()) {
      endSession("登录已失效，请重新登录");
    }
  },
};

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch });
api.use(credentials);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The answer to a request.
 *
 * @param accept the statuses that count as success
 * @throws ApiError for any other status and where there is no answer; an abort is passed on
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
