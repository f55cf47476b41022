/** What a recruiter does with the person who is shown, on the page of a resume and in the queue alike. */
import { computed, ref, type Ref } from "vue";
import { copyText } from "../clipboard";
import type { Item, MarkChange } from "../api/types";
import { isDialable } from "../text/format";
import { dial } from "./calls";
import { mayCall, useClaim } from "./claims";
import { comment, whoIs } from "./decisions";
import type { Whom } from "./acts";
import { post, postUndoable } from "./outbox";
import { joinOrPart, setFavourite, unlock } from "./people";
import { patchPerson as change } from "./results";
import { attempt, offerUndo, say } from "./snack";
import { isDesk } from "../wide";

export interface PersonPlace {
  feedId: string;
  resumeId: string;
}

const DECIDED = { join: "已合并为一人", part: "已分为两人" } as const;

export const isOpen = (contact: Item["contact_info"] | undefined): boolean =>
  contact?.name !== undefined || contact?.phone !== undefined;

/**
 * @param place where the person is; it may change while a request is under way
 * @param item who is shown
 * @param read reads the person anew
 */
export function usePerson(
  place: () => PersonPlace,
  item: Readonly<Ref<Item | null>>,
  read: () => Promise<unknown>,
) {
  const secret = ref("");
  const unlocking = ref("");
  const isDeciding = ref(false);
  const isUnlocked = computed(() => isOpen(item.value?.contact_info));
  const isSecret = computed(() => secret.value === place().resumeId);
  const isUnlocking = computed(() => unlocking.value === place().resumeId);

  useClaim(place);

  /** Whom what is done is about; null before they are here. */
  const whom = (): Whom | null => item.value && { ...place(), who: whoIs(item.value) };

  function favourite(): void {
    const about = whom();
    if (!about) return;
    const isOn = !item.value?.favStatus;
    setFavourite(about, isOn);
    change(about.resumeId, { favStatus: isOn });
    say(isOn ? "已收藏" : "已取消收藏");
  }

  /** The contact, unlocked if it was not; null where it is secret, or could not be unlocked, which is said. */
  async function openContact(): Promise<Item["contact_info"] | null> {
    if (isUnlocked.value) return item.value?.contact_info ?? null;
    const { feedId, resumeId } = place();
    if (unlocking.value) return null;
    unlocking.value = resumeId;
    let found: Item["contact_info"] | null = null;
    await attempt(async () => {
      const unlocked = await unlock(feedId, resumeId);
      if (!unlocked) {
        secret.value = resumeId;
        say("候选人的联系方式保密");
        return;
      }
      found = unlocked.contact;
      change(resumeId, { contact_info: unlocked.contact });
      say(`已解锁，今天还可以解锁 ${unlocked.left} 位`);
      // Contacts in the texts of the resume are masked until now.
      if (JSON.stringify(item.value?.resume).includes("***")) void read();
    });
    unlocking.value = "";
    return found;
  }

  /** The same of whoever is still shown by then: nobody else must be called, or written to, by mistake. */
  async function contactOfShown(): Promise<Item["contact_info"] | null> {
    const { resumeId } = place();
    const contact = await openContact();
    return place().resumeId === resumeId ? contact : null;
  }

  /**
   * Call, or show the number where there is no phone; not somebody with whom a colleague is. How it went is asked as soon
   * as somebody is back.
   */
  async function call(): Promise<void> {
    if (!(await mayCall(place(), item.value))) return;
    const contact = await contactOfShown();
    if (!contact) return;
    if (!isDialable(contact.phone)) say(contact.email ? "候选人没有留电话，可以写邮件" : "候选人没有留电话");
    else if (!isDesk()) {
      const { feedId, resumeId } = place();
      dial(feedId, resumeId, contact.phone, item.value);
    }
  }

  async function copy(): Promise<void> {
    const contact = await contactOfShown();
    const text = contact?.phone || contact?.email || contact?.qq;
    if (!contact) return;
    if (!text) say("候选人没有留下联系方式");
    else say((await copyText(text)) ? `已复制 ${text}` : `没能复制，请长按号码：${text}`);
  }

  async function decideOn(what: "join" | "part", otherId: string): Promise<void> {
    const { feedId, resumeId } = place();
    isDeciding.value = true;
    const isDone = await attempt(async () => {
      await joinOrPart(what, feedId, resumeId, otherId);
      await read();
    });
    isDeciding.value = false;
    if (!isDone) return;
    offerUndo(DECIDED[what], async () => {
      await joinOrPart(what === "join" ? "part" : "join", feedId, resumeId, otherId);
      await read();
    });
  }

  function addComment(content: string): void {
    const about = whom();
    if (about) comment(about.feedId, about.resumeId, about.who, content);
    say("备注已保存");
  }

  function editMark(noteId: string, fields: MarkChange): void {
    const about = whom();
    if (about) post({ kind: "markChange", ...about, noteId, change: fields });
    say("已改好");
  }

  function editComment(noteId: string, content: string): void {
    const about = whom();
    if (about) post({ kind: "commentChange", ...about, noteId, change: { content } });
    say("备注已改好");
  }

  /** Take a note back, with a word that gives it back. */
  function takeBack(of: "mark" | "comment", noteId: string): void {
    const about = whom();
    if (!about) return;
    const set = (taken_back: boolean) =>
      ({ kind: of === "mark" ? "markChange" : "commentChange", noteId, change: { taken_back } }) as const;
    const undo = postUndoable({ ...about, ...set(true) }, set(false));
    offerUndo(of === "mark" ? "已撤销标记" : "已撤销备注", undo);
  }

  return {
    isUnlocked,
    isSecret,
    isUnlocking,
    isDeciding,
    favourite,
    call,
    copy,
    decideOn,
    addComment,
    editMark,
    editComment,
    takeBack,
  };
}
