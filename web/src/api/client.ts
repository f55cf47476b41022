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
import { patientFetch } from "./ask";
import type { paths } from "./schema";

export { ask } from "./ask";

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

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patientFetch() });
api.use(credentials);
