/**
 * Coming in by WeChat: which app the page runs in, the way through WeChat, and what it came back with.
 *
 * The server leads the browser to WeChat and back, to `/#exchange=…`. A tab notes that it went, so that a link which
 * somebody else has made logs nobody in, and binds nothing.
 */
import { reactive } from "vue";
import { metaContent } from "./head";

export type PageApp = "mp" | "wecom";
export type Purpose = "login" | "bind";

const KEY = "talentfeed.wechat";
/** How long the way through WeChat may take. The server gives up after as long. */
const WAY_MS = 600_000;
/** How long a ticket is good. */
const TICKET_MS = 600_000;

/** The names that people know them by. */
export const APP_NAMES: Record<string, string> = { mini: "微信小程序", mp: "微信", wecom: "企业微信" };

/** Somebody of WeChat whom no account belongs to yet; the next login or registration takes them along. */
const state = reactive({ ticket: "", until: 0 });

/** The apps that the server offers. */
function offered(): string[] {
  const content = metaContent("wechat-apps");
  return content ? content.split(",") : [];
}

/** The app whose browser shows this page, where one can log in by it. */
export function pageApp(agent = navigator.userAgent, apps = offered()): PageApp | null {
  // A mini-program's web-view says MicroMessenger too, but may not ask for an authorization.
  if (/miniProgram/i.test(agent)) return null;
  const app = /wxwork/i.test(agent) ? "wecom" : /MicroMessenger/i.test(agent) ? "mp" : null;
  return app && apps.includes(app) ? app : null;
}

/** Leave for WeChat; it leads back to a page of this client. */
export function leaveForWechat(app: PageApp, purpose: Purpose, next: string): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ purpose, at: Date.now() }));
  } catch {
    // Without storage one more tap is asked for.
  }
  location.assign(`/hr/wechat/start/?${new URLSearchParams({ app, next }).toString()}`);
}

/** What this tab left for; null where it did not, or long ago. */
export function returnedFor(): Purpose | null {
  try {
    const left = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as { purpose: Purpose; at: number } | null;
    sessionStorage.removeItem(KEY);
    return left && Date.now() - left.at < WAY_MS ? left.purpose : null;
  } catch {
    return null;
  }
}

export function keepTicket(ticket: string): void {
  Object.assign(state, { ticket, until: Date.now() + TICKET_MS });
}

export function forgetTicket(): void {
  state.ticket = "";
}

/** The ticket as a field of a form; no field where there is none. */
export function ticketField(): { wechat_ticket?: string } {
  return hasTicket() ? { wechat_ticket: state.ticket } : {};
}

export function hasTicket(): boolean {
  return state.ticket !== "" && Date.now() < state.until;
}
