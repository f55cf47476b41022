/**
 * Who is with whom, in a list of results. A claim ends by a frame without `by`, or by its time, of which nobody tells.
 *
 * @typedef {import("../../src/live/frames").Frame} Frame
 * @typedef {import("../../src/api/types").Item} Item
 */

/**
 * @param {Item[]} items
 * @param {Extract<Frame, { type: "claim" }>} frame
 * @returns {Item[]} the list as it is now
 */
function applyClaim(items, { resume_id, by, kind, until }) {
  const claim = by && kind ? { by, kind, until } : null;
  return items.map((item) => (isOf(item, resume_id) ? { ...item, claim } : item));
}

/**
 * Whether a resume is one of a person's.
 *
 * @param {Item} item
 * @param {string} resumeId
 */
function isOf(item, resumeId) {
  return item.resume.id === resumeId || item.others.includes(resumeId);
}

/**
 * "小王正在联系"; empty where nobody is with them, or oneself, and once it is over.
 *
 * @param {Item["claim"]} claim
 * @param {string} user
 */
function claimText(claim, user, now = Date.now()) {
  if (!claim || claim.by.id === user || claim.until * 1000 <= now) return "";
  return `${claim.by.name}正在${claim.kind === "call" ? "联系" : "查看"}`;
}

/**
 * Milliseconds until the first claim of a list is over; null where there is none.
 *
 * @param {Item[]} items
 */
function endsIn(items, now = Date.now()) {
  const left = items.map(({ claim }) => (claim ? claim.until * 1000 - now : 0)).filter((ms) => ms > 0);
  return left.length ? Math.min(...left) : null;
}

module.exports = { applyClaim, isOf, claimText, endsIn };
