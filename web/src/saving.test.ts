import { expect, test } from "vitest";
import { canSave } from "./saving";

test("WeChat's browser saves no files, others do", () => {
  expect(canSave("Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x1800322b)")).toBe(false);
  expect(canSave("Mozilla/5.0 (iPhone) Version/17.0 Mobile/15E148 Safari/604.1")).toBe(true);
});
