/**
 * What a frame does to the feeds that a page shows.
 *
 * @typedef {import("../../src/live/frames").Frame} Frame
 * @typedef {import("../../src/api/types").ListedFeed} Feed
 *
 * @param {Feed[]} feeds
 * @param {Frame} frame
 * @returns {Feed[] | null} the feeds as they are now; null where they must be read again
 */
function applyFrame(feeds, frame) {
  const isKnown = (/** @type {string} */ id) => feeds.some((feed) => feed.id === id);
  switch (frame.type) {
    case "snapshot": {
      if (frame.feeds.length !== feeds.length || !frame.feeds.every((row) => isKnown(row.feed_id)))
        return null;
      const counts = new Map(frame.feeds.map((row) => [row.feed_id, row.unread_count]));
      return feeds.map((feed) => ({ ...feed, unread_count: /** @type {number} */ (counts.get(feed.id)) }));
    }
    case "unread":
      if (!isKnown(frame.feed_id)) return null;
      return feeds.map((feed) =>
        feed.id === frame.feed_id ? { ...feed, unread_count: frame.unread_count } : feed,
      );
    case "progress":
      return feeds.map((feed) =>
        feed.id === frame.feed_id ? { ...feed, progress: frame.progress, calced: frame.calced } : feed,
      );
    case "removed":
      return feeds.filter((feed) => feed.id !== frame.feed_id);
    default:
      return feeds;
  }
}

module.exports = { applyFrame };
