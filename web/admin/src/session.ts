/** The operator who is signed in. This tab remembers them until they sign out, or it is closed. */
import { computed, reactive, readonly } from "vue";
import type { Identity } from "../../src/api/client";
import { ApiError } from "../../src/api/error";
import type { SignInAnswer } from "./api/types";

const KEY = "talentfeed.desk";
const EMPTY = { token: "", email: "", role: "" };

type Kept = typeof EMPTY;

const state = reactive({
  ...EMPTY,
  ...recall(),
  /** Why the last session ended, for the page to sign in. */
  notice: "",
});
let leave: () => void = () => undefined;

export const session = readonly(state);

/** Whether more may be done than to read. The server decides; the page offers nothing that it would refuse. */
export const isAdmin = computed(() => state.role === "admin");

function recall(): Partial<Kept> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

function keep(): void {
  const { token, email, role } = state;
  try {
    if (token) sessionStorage.setItem(KEY, JSON.stringify({ token, email, role }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the session lasts until the page is loaded anew.
  }
}

export function startSession({ token, email, role }: Pick<SignInAnswer, keyof Kept>): void {
  if (!token) throw new ApiError("unreadable", "服务器没有给出登录凭证");
  Object.assign(state, { token, email, role, notice: "" });
  keep();
}

/** What the server says of the operator by now. */
export function updateSession(given: { email: string; role: string }): void {
  Object.assign(state, { email: given.email, role: given.role });
  keep();
}

/** Forget the session in this tab. The caller tells the server. */
export function endSession(notice = ""): void {
  if (!state.token) return;
  Object.assign(state, { token: "", role: "", notice });
  keep();
  leave();
}

/** Where to go once the session has ended. */
export function onSessionEnd(listener: () => void): void {
  leave = listener;
}

/** As whom the desk asks the API. */
export const identity: Identity = {
  authorization: () => (state.token ? `Bearer ${state.token}` : ""),
  onRefused: () => endSession("登录已失效，请重新登录"),
};
