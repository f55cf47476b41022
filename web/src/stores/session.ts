/** The account that is logged in. This browser remembers it until logout. */
import { reactive, readonly } from "vue";
import type { Identity } from "../api/client";
import { ApiError } from "../api/error";
import type { AuthInfo, MemberName } from "../api/types";
import { keepSession, keptSession, type KeptSession, SESSION_KEY } from "./kept_session";

interface Session extends KeptSession {
  /** Why the last session ended, for the login page. */
  notice: string;
}

const EMPTY: Session = { user: "", token: "", username: "", notice: "" };
const state = reactive<Session>({ ...EMPTY, ...keptSession() });
const listeners: (() => void)[] = [];

export const session = readonly(state);

/** Begin a session with the credentials that register or login gave. */
export function startSession({ user, token }: AuthInfo, username: string): void {
  if (!user || !token) throw new ApiError("unreadable", "服务器没有给出登录凭证");
  Object.assign(state, { user, token, username, notice: "" });
  keepSession({ user, token, username });
}

/** Forget the session in this browser. The caller tells the server. */
export function endSession(notice = ""): void {
  if (!state.token) return;
  Object.assign(state, { ...EMPTY, username: state.username, notice });
  keepSession(null);
  listeners.forEach((listener) => listener());
}

/** Who made a note, where that is a colleague; "" of one's own. */
export const colleague = ({ id, name }: MemberName): string =>
  id === state.user ? "" : name || "已离开的同事";

export function onSessionEnd(listener: () => void): void {
  listeners.push(listener);
}

/** The value of the `Authorization` header, as the API document says. */
export function authorization(): string {
  return `Basic ${btoa(`${state.user}:${state.token}`)}`;
}

/** As whom the page asks the API. */
export const identity: Identity = {
  authorization: () => (state.token ? authorization() : ""),
  onRefused: () => endSession("登录已失效，请重新登录"),
};

/** A login or logout in one window is one in all windows. Another account begins with an empty page. */
export function shareSession(): void {
  addEventListener("storage", (event) => {
    if (event.key !== SESSION_KEY) return;
    if (event.newValue === null) {
      endSession("已在其他窗口退出登录");
      return;
    }
    const next = keptSession();
    if (state.token && next.user !== state.user) {
      location.hash = "#/";
      location.reload();
    } else Object.assign(state, next, { notice: "" });
  });
}
