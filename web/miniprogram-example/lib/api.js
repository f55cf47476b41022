/**
 * The API over `wx.request`.
 *
 *     const api = createApi(wx, "https://feed.example.com", session, () => wx.reLaunch({ url: LOGIN }));
 *     const { data } = await api.feeds();
 *
 * An answer with a status that the call does not expect is thrown as ApiError.
 */
class ApiError extends Error {
  constructor(status, message, errors) {
    super(message);
    this.status = status;
    this.errors = errors || {};
  }
}

const FORM = "application/x-www-form-urlencoded";
const JSON_KIND = "application/json";

function createApi(wx, base, session, onSessionEnd) {
  /**
   * @param {"GET" | "POST"} method
   * @param {string} path
   * @param {{ data?: object, kind?: string, accept?: string[] }} [options]
   */
  function send(method, path, { data, kind = FORM, accept = ["ok"] } = {}) {
    const sent = session.authorization();
    const header = { "Content-Type": kind };
    if (sent) header.Authorization = sent;
    return new Promise((resolve, reject) => {
      wx.request({
        url: base + path,
        method,
        header,
        data,
        timeout: 15000,
        success({ statusCode, data: answer }) {
          // The answer to a request of an older session must not end a newer one.
          if (statusCode === 401 && sent && sent === session.authorization()) {
            session.end();
            onSessionEnd();
          }
          if (statusCode === 200 && accept.includes(answer.status)) resolve(answer);
          else
            reject(
              new ApiError(
                (answer && answer.status) || "unreadable",
                (answer && answer.msg) || "服务器暂时无法回答",
                answer && answer.errors,
              ),
            );
        },
        fail: () => reject(new ApiError("network", "连不上服务器，请检查网络后再试")),
      });
    });
  }

  return {
    /** `ticket`, of `loginByWechat`, binds the person: from then on they need no password. */
    async login(username, password, ticket) {
      const data = { username, password, ...(ticket ? { wechat_ticket: ticket } : {}) };
      const answer = await send("POST", "/hr/login/", { data });
      session.start(answer.auth_info);
      return answer;
    },
    /** Log in as whoever uses the phone. Where no account belongs to them, the answer has a `ticket` instead. */
    async loginByWechat() {
      const code = await new Promise((resolve, reject) => {
        wx.login({
          success: (found) => resolve(found.code),
          fail: () => reject(new ApiError("network", "微信没有回应，请稍后再试")),
        });
      });
      const data = { app: "mini", code };
      const answer = await send("POST", "/hr/wechat/login/", { data, accept: ["ok", "not_bound"] });
      if (answer.status === "ok") session.start(answer.auth_info);
      return answer;
    },
    async logout() {
      // The token is forgotten here even if the server cannot be told.
      await send("POST", "/hr/logout/").catch(() => undefined);
      session.end();
    },
    feeds: () => send("GET", "/special_feed/page/", { accept: ["ok", "no_feed"] }),
    results: (feedId, filters = {}) =>
      send("GET", `/special_feed/feed_list/${feedId}`, { data: filters, accept: ["ok", "no_feed"] }),
    read: (feedId, resumeId) => send("POST", `/feed/get/${feedId}/${resumeId}`),
    /** `reasons` are the API's words, for example `["salary_high"]`. The feed learns from them. */
    remove: (feedId, resumeId, reasons = []) =>
      send("POST", "/feed/modify_feed_result", {
        data: { feed_id: feedId, resume_id: resumeId, reco_index: -150, feedback: reasons.join(",") },
      }),
    restore: (feedId, resumeId) =>
      send("POST", "/feed/modify_feed_result", {
        data: { feed_id: feedId, resume_id: resumeId, reco_index: 150 },
      }),
    watch: (feedId, resumeId) =>
      send("POST", `/resumes/add_watch/${resumeId}`, { data: { feed_id: feedId } }),
    unlock: (feedId, resumeId) =>
      send("POST", `/resumes/download/${resumeId}`, { data: { feed_id: feedId }, accept: ["ok", "secret"] }),
    /** Be with somebody, before one calls them. `claimed` is a colleague, who is told that one asks. */
    claim: (feedId, resumeId, kind) =>
      send("POST", `/resumes/claim/${resumeId}`, {
        data: { feed_id: feedId, kind, ask: 1 },
        accept: ["ok", "claimed"],
      }),
    notices: () => send("GET", "/hr/notices/"),
    /** Somebody tapped 允许 so often. */
    consent: (accepted) => send("POST", "/hr/notices/consent/", { data: { app: "mini", accepted } }),
    submit: (feed) =>
      send("POST", "/special_feed/submit_feed/", {
        data: feed,
        kind: JSON_KIND,
        accept: ["ok", "form_error", "no_feed"],
      }),
  };
}

module.exports = { createApi, ApiError };
