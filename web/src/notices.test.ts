import { describe, expect, test } from "vitest";
import type { NoticesAnswer } from "./api/types";
import { changesOf, hasRobotKey, robotKeyOf, stateText, valuesOf } from "./notices";

const KEY = "0123abcd-4567-89ab-cdef-0123456789ab";
const answer = (more: Partial<NoticesAnswer> = {}): NoticesAnswer => ({
  status: "ok",
  msg: "ok",
  errors: {},
  channels: [
    { kind: "robot", on: true, state: "failed", reason: "群机器人已失效" },
    { kind: "mini", on: true, state: "ok", reason: "", left: 2 },
  ],
  quiet: "22:00-08:00",
  digests: "09:00,14:00",
  at_once_score: null,
  ...more,
});

describe("a robot's key", () => {
  test("is cut out of the address that WeCom gives", () => {
    const url = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${KEY}`;
    expect(robotKeyOf(url)).toBe(KEY);
    expect(robotKeyOf(` ${url}&debug=1 `)).toBe(KEY);
    expect(robotKeyOf(` ${KEY}\n`)).toBe(KEY);
    expect(robotKeyOf("monkey=1")).toBe("monkey=1");
  });
  test("is there unless the server says what is missing", () => {
    const robot = { kind: "robot", on: true, reason: "未填写群机器人地址" };
    expect(hasRobotKey({ ...robot, state: "off" })).toBe(false);
    expect(hasRobotKey({ ...robot, state: "failed", reason: "群机器人已失效" })).toBe(true);
    expect(hasRobotKey({ ...robot, on: false, state: "off", reason: "" })).toBe(true);
  });
});

describe("what is sent", () => {
  test("is nothing where nothing was changed, and the changed fields alone else", () => {
    const saved = valuesOf(answer());
    expect(changesOf(valuesOf(answer()), saved, false)).toEqual({});
    const now = { ...valuesOf(answer()), quiet: "23:00-07:00", at_once_score: " 80 ", robot_key: KEY };
    expect(changesOf(now, saved, false)).toEqual({
      quiet: "23:00-07:00",
      at_once_score: "80",
      robot_key: KEY,
    });
    expect(changesOf(valuesOf(answer()), saved, true)).toEqual({ robot_key: "" });
  });
  test("turns a channel on again that was given up, and leaves the others alone", () => {
    const saved = valuesOf(answer());
    expect(saved.on).toEqual({ robot: false, mini: true });
    const now = { ...saved, on: { ...saved.on, robot: true } };
    expect(changesOf(now, saved, false)).toEqual({ channels: [{ kind: "robot", on: true }] });
  });
  test("takes a score away by an empty one", () => {
    const saved = valuesOf(answer({ at_once_score: 80 }));
    expect(saved.at_once_score).toBe("80");
    expect(changesOf({ ...saved, at_once_score: "" }, saved, false)).toEqual({ at_once_score: "" });
  });
});

test("a channel says how it is", () => {
  const mini = { kind: "mini", on: true, state: "ok" as const, reason: "", left: 2 };
  expect(stateText(mini)).toBe("还能提醒 2 次");
  expect(stateText({ ...mini, state: "off", reason: "没有剩余的提醒次数", left: 0 })).toBe(
    "没有剩余的提醒次数",
  );
  expect(stateText({ ...mini, on: false, state: "off" })).toBe("已关闭，还能提醒 2 次");
  expect(stateText({ kind: "mail", on: true, state: "ok", reason: "" })).toBe("可用");
  expect(stateText({ kind: "mail", on: true, state: "failed", reason: "邮箱拒收邮件" })).toBe(
    "已停用：邮箱拒收邮件",
  );
});
