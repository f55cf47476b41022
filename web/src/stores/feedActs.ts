/** What a menu does to a feed at once, asked and said: the account's own, or a colleague's where it may. */
import type { ListedFeed } from "../api/types";
import { confirmed } from "./confirm";
import { deleteFeed, setPaused } from "./feeds";
import { forgetList } from "./results";
import { attempt, offerUndo, say } from "./snack";

/** Pause a feed, or let it go on. `done` is told each time, also of an undo. */
export async function togglePause(feed: ListedFeed, done: () => void): Promise<void> {
  const paused = !feed.paused;
  const turn = async (to: boolean): Promise<void> => {
    await setPaused(feed.id, to);
    done();
  };
  if (!(await attempt(() => turn(paused)))) return;
  const words = paused ? `已暂停“${feed.title}”` : `已恢复“${feed.title}”，正在补上期间的简历`;
  offerUndo(words, () => turn(!paused));
}

/** Delete a feed, once that is confirmed; gives whether it is gone. */
export async function removeFeed(feed: ListedFeed): Promise<boolean> {
  const isSure = await confirmed({
    title: "删除职位",
    message: `“${feed.title}”的推荐结果会一起消失，不能恢复。`,
    confirmButtonText: "删除",
  });
  if (!isSure || !(await attempt(() => deleteFeed(feed.id)))) return false;
  forgetList(feed.id);
  say(`已删除“${feed.title}”`);
  return true;
}
