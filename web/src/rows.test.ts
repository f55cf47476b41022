// @vitest-environment happy-dom
import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defineComponent, h, nextTick, useTemplateRef } from "vue";
import { Rows, useRow, watchRows } from "./rows";

/** Tells what a browser would tell of the places of elements. */
let tell: (element: Element, isNear: boolean, height: number) => void;

beforeEach(() => {
  class Observer {
    constructor(heard: IntersectionObserverCallback) {
      tell = (target, isIntersecting, height) =>
        heard(
          [
            {
              target,
              isIntersecting,
              boundingClientRect: { height },
            } as unknown as IntersectionObserverEntry,
          ],
          this as unknown as IntersectionObserver,
        );
    }
    observe = vi.fn();
    unobserve = vi.fn();
    disconnect = vi.fn();
  }
  vi.stubGlobal("IntersectionObserver", Observer);
});
afterEach(() => vi.unstubAllGlobals());

const Row = defineComponent({
  props: { name: { type: String, required: true }, rows: { type: Rows, required: true } },
  setup(props) {
    const { isFar, style } = useRow(props.rows, props.name, useTemplateRef<HTMLElement>("place"));
    return () => h("div", { ref: "place", style: style.value }, isFar.value ? [] : [h("button", props.name)]);
  },
});

function listOf(rows: Rows): VueWrapper {
  const List = defineComponent({
    setup() {
      watchRows(rows);
      return () => ["first", "second"].map((name) => h(Row, { name, rows, key: name }));
    },
  });
  return mount(List, { attachTo: document.body });
}

const place = (list: VueWrapper, at: number) => list.findAllComponents(Row)[at]?.element as HTMLElement;

test("a row far from the screen keeps its height alone, and has its content again when it comes near", async () => {
  const list = listOf(new Rows());
  expect(list.findAll("button")).toHaveLength(2);
  tell(place(list, 0), false, 187.5);
  await nextTick();
  expect(list.findAll("button").map((one) => one.text())).toEqual(["second"]);
  expect(place(list, 0).style.height).toBe("187.5px");
  tell(place(list, 0), true, 187.5);
  await nextTick();
  expect(list.findAll("button")).toHaveLength(2);
  expect(place(list, 0).style.height).toBe("");
});

test("a hidden list tells nothing of its rows", async () => {
  const list = listOf(new Rows());
  tell(place(list, 0), false, 0);
  await nextTick();
  expect(list.findAll("button")).toHaveLength(2);
});

test("a row that has the focus keeps its content", async () => {
  const list = listOf(new Rows());
  list.findAll("button")[0]?.element.focus();
  tell(place(list, 0), false, 100);
  tell(place(list, 1), false, 100);
  await nextTick();
  expect(list.findAll("button").map((one) => one.text())).toEqual(["first"]);
});

test("heights outlive the list that showed the rows", async () => {
  const rows = new Rows();
  const list = listOf(rows);
  tell(place(list, 1), false, 90);
  list.unmount();
  const again = listOf(rows);
  expect(place(again, 1).style.height).toBe("90px");
  expect(again.findAll("button")).toHaveLength(1);
});
