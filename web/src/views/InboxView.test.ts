// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, expect, test, vi } from "vitest";
import { h, type Ref, ref } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import InboxView from "./InboxView.vue";

const isWide: Ref<boolean> = ref(false);
vi.mock("../wide", () => ({ TWO_PANES: "", useMedia: () => isWide }));
vi.mock("./ResultsView.vue", () => ({ default: { props: ["chosen", "isBeside"], render: () => h("ol") } }));

async function opened(path: string, wide: boolean) {
  isWide.value = wide;
  vi.stubGlobal("scrollTo", vi.fn());
  const resume = { props: ["resumeId"], render: (self: { resumeId: string }) => h("article", self.resumeId) };
  const child = { path: "resumes/:resumeId", component: resume, props: true };
  const routes = [{ path: "/feeds/:feedId", component: InboxView, props: true, children: [child] }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push(path);
  const page = mount(RouterView, {
    attachTo: document.body,
    global: { plugins: [router], stubs: { VanIcon: true } },
  });
  await flushPromises();
  return { router, page, isShown: (tag: string) => page.find(tag).exists() && page.find(tag).isVisible() };
}
afterEach(() => vi.unstubAllGlobals());

test("a narrow window shows one at a time, and the list is the same one after the way back", async () => {
  const { router, page, isShown } = await opened("/feeds/f", false);
  const list = page.find("ol").element;
  await router.push("/feeds/f/resumes/a");
  await flushPromises();
  expect([isShown("ol"), isShown("article")]).toEqual([false, true]);
  router.back();
  await flushPromises();
  expect([isShown("ol"), isShown("article")]).toEqual([true, false]);
  expect(page.find("ol").element).toBe(list);
});

test("a link to a resume needs no list on a phone until somebody goes back to it", async () => {
  const { router, page, isShown } = await opened("/feeds/f/resumes/a", false);
  expect(page.find("ol").exists()).toBe(false);
  await router.replace("/feeds/f");
  await flushPromises();
  expect(isShown("ol")).toBe(true);
});

test("a wide window shows both, and says what to do where nothing is chosen", async () => {
  const { router, page, isShown } = await opened("/feeds/f", true);
  expect(page.text()).toContain("选一份简历");
  await router.push("/feeds/f/resumes/a");
  await flushPromises();
  expect([isShown("ol"), isShown("article")]).toEqual([true, true]);
  expect(document.activeElement).toBe(page.find(".pane").element);
});

test("a resume stays the same one while the window changes its width", async () => {
  const { page, isShown } = await opened("/feeds/f/resumes/a", false);
  const resume = page.find("article").element;
  isWide.value = true;
  await flushPromises();
  expect([isShown("ol"), isShown("article")]).toEqual([true, true]);
  isWide.value = false;
  await flushPromises();
  expect([isShown("ol"), isShown("article")]).toEqual([false, true]);
  expect(page.find("article").element).toBe(resume);
});
