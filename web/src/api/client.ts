/**
 * Requests to the API, typed by `/openapi.json`.
 *
 *     const answer = await ask(api.GET("/special_feed/page/"), ["ok", "no_feed"]);
 *
 * Each request carries the session's credentials and ends after fifteen seconds. Where the server answers 401, the
 * session ends.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { authorization, endSession, session } from "../stores/session";
import { ApiError } from "./error";
import type { paths } from "./schema";

/** When a request is given up. The server answers within seconds or with 503; longer than this is a dead network. */
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
    // The answer to a request of an older session must not end a newer one.
    const sent = request.headers.get("Authorization");
    if (response.status === 401 && session.token && sent === authorization()) {
      endSession("登录已失效，请重新登录");
    }
  },
};

function makeClient() {
  const client = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch });
  client.use(credentials);
  return client;
}

export const api = makeClient();

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
