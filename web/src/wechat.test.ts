import { describe, expect, test } from "vitest";
import { pageApp } from "./wechat";

const WECHAT =
  "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50(0x1800322b) NetType/WIFI";
const WECOM = `${WECHAT} wxwork/4.1.30 MicroMessenger/7.0.1`;

describe("the app whose browser shows the page", () => {
  test("is told by the browser, and has to be offered", () => {
    expect(pageApp(WECHAT, ["mini", "mp", "wecom"])).toBe("mp");
    expect(pageApp(WECOM, ["mini", "mp", "wecom"])).toBe("wecom");
    expect(pageApp(WECHAT, ["mini", "wecom"])).toBeNull();
    expect(pageApp(WECOM, ["mp"])).toBeNull();
    expect(pageApp("Mozilla/5.0 (iPhone) Safari/605.1", ["mp", "wecom"])).toBeNull();
  });
  test("is none in a web-view of a mini-program", () => {
    expect(pageApp(`${WECHAT} miniProgram/wx1`, ["mp"])).toBeNull();
  });
});
