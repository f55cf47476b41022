/** What a recruiter does with the person who is shown, on the page of a resume and in the queue alike. */
import { computed, ref, type Ref } from "vue";
import { copyText } from "../clipboard";
import type { Item } from "../api/types";
import { isDialable } from "../text/format";
import { keepCall } from "./calls";
import { comment, whoIs } from "./decisions";
import { changeComment, changeMark, joinOrPart, setFavourite, unlock } from "./people";
import { patchPerson as change } from "./results";
import { attempt, offerUndo, say } from "./snack";

export interface PersonPlace {
  feedId: string;
  resumeId: string;
}

const DECIDED = { join: "已合并为一人", part: "已分为两人" } as const;

export const isOpen = (contact: Item["contact_info"] | undefined): boolean =>
  contact?.name !== undefined || contact?.phone !== undefined;

/** Whether there is no phone here: a number is shown, and dialled by hand. */
export const isDesk = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;

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
  /** Whose star is on its way: of two requests at once the server may get the second one first. */
  const starring = new Set<string>();
  const isUnlocked = computed(() => isOpen(item.value?.contact_info));
  const isSecret = computed(() => secret.value === place().resumeId);
  const isUnlocking = computed(() => unlocking.value === place().resumeId);

  /** Show at once, and take it back with a word if it fails. */
  async function favourite(): Promise<void> {
    const { feedId, resumeId } = place();
    if (starring.has(resumeId)) return;
    starring.add(resumeId);
    const isOn = !item.value?.favStatus;
    change(resumeId, { favStatus: isOn });
    const isDone = await attempt(() => setFavourite(feedId, resumeId, isOn));
    starring.delete(resumeId);
    change(resumeId, { favStatus: isOn === isDone }); // what was read meanwhile may be from before
    if (isDone) say(isOn ? "已收藏" : "已取消收藏");
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

  /** Call, or show the number where there is no phone. How it went is asked as soon as somebody is back. */
  async function call(): Promise<void> {
    const contact = await contactOfShown();
    if (!contact) return;
    if (!isDialable(contact.phone)) say(contact.email ? "候选人没有留电话，可以写邮件" : "候选人没有留电话");
    else if (!isDesk()) {
      const { feedId, resumeId } = place();
      keepCall(feedId, resumeId, item.value);
      location.assign(`tel:${contact.phone}`);
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

  async function addComment(content: string): Promise<void> {
    const { feedId, resumeId } = place();
    if (item.value) comment(feedId, resumeId, whoIs(item.value), content);
    say("备注已保存");
  }

  async function editMark(id: string, fields: Parameters<typeof changeMark>[2]): Promise<void> {
    const { resumeId } = place();
    change(resumeId, { mark_log: await changeMark(resumeId, id, fields) });
    say("已改好");
  }

  async function editComment(id: string, content: string): Promise<void> {
    const { resumeId } = place();
    change(resumeId, { comment_log: await changeComment(resumeId, id, { content }) });
    say("备注已改好");
  }

  /** Take a note back, with a word that gives it back. */
  async function takeBack(kind: "mark" | "comment", id: string): Promise<void> {
    const { resumeId } = place();
    const set = async (taken_back: boolean): Promise<void> => {
      if (kind === "mark") change(resumeId, { mark_log: await changeMark(resumeId, id, { taken_back }) });
      else change(resumeId, { comment_log: await changeComment(resumeId, id, { taken_back }) });
    };
    await set(true);
    offerUndo(kind === "mark" ? "已撤销标记" : "已撤销备注", () => set(false));
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
