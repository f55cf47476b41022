/**
 * Requests of the desk, with the operator's credentials.
 *
 *     const { health } = await ask(api.GET("/admin/api/health/"));
 *
 * Where the server answers 401, the session ends.
 */
import createClient, { type Middleware } from "openapi-fetch";
import { patientFetch } from "../../../src/api/ask";
import type { paths } from "../../../src/api/schema";
import { authorization, endSession, session } from "../session";

export { ask } from "../../../src/api/ask";

/** Files are read while the request waits, scanned ones page by page; an erasure looks through all notes. */
const SLOW_MS = 180_000;

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

function clientWith(patience_ms?: number) {
  const client = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch(patience_ms) });
  client.use(credentials);
  return client;
}

export const api = clientWith();
/** For what takes longer than a page is wont to wait. */
export const slowApi = clientWith(SLOW_MS);
