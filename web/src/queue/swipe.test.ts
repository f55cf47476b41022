import { expect, it } from "vitest";
import { swipeOf } from "./swipe";

it("takes a finger that moves far to a side for a swipe, and nothing else", () => {
  const from = { x: 200, y: 300 };
  expect(swipeOf(from, { x: 80, y: 320 })).toBe(1);
  expect(swipeOf(from, { x: 320, y: 290 })).toBe(-1);
  expect(swipeOf(from, { x: 150, y: 300 })).toBe(0);
  expect(swipeOf(from, { x: 90, y: 420 })).toBe(0);
  expect(swipeOf({ x: 10, y: 300 }, { x: 200, y: 300 })).toBe(0);
});
