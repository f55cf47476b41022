/** What the server sends over `/special_feed/ws/`; `seq` grows by one a frame on a connection. */
export interface Snapshot {
  type: "snapshot";
  seq: number;
  feeds: { feed_id: string; unread_count: number }[];
  total: number;
}
export interface Unread {
  type: "unread";
  seq: number;
  feed_id: string;
  unread_count: number;
  total: number;
}
export interface Progress {
  type: "progress";
  seq: number;
  feed_id: string;
  progress: number;
  calced: boolean;
}
export interface Removed {
  type: "removed";
  seq: number;
  feed_id: string;
}
export type Frame =
  Snapshot | Unread | Progress | Removed | { type: "pong" } | { type: "error"; msg: string };

/** Close codes that mean something; any other one is an accident, and the client connects again. */
export const TRY_LATER = 1013;
export const NOT_AUTHENTICATED = 4401;
export const REPLACED = 4409;
