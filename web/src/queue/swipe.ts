/** A finger that moved to one side, and hardly up or down. */
export interface Swipe {
  x: number;
  y: number;
}

/** How far a finger moves at least, in pixels: less is a tap that slipped. */
const FAR = 80;
/** Where the phone itself goes back by a swipe from its edge, in pixels. */
const EDGE = 24;

/** 1 for to the left, which shows the next; -1 for to the right; 0 for anything else. */
export function swipeOf(from: Swipe, to: Swipe): -1 | 0 | 1 {
  const [across, down] = [to.x - from.x, to.y - from.y];
  if (from.x < EDGE || Math.abs(across) < FAR || Math.abs(down) > Math.abs(across) / 2) return 0;
  return across < 0 ? 1 : -1;
}
