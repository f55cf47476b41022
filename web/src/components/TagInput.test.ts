// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import { snack } from "../stores/snack";
import TagInput from "./TagInput.vue";

test("words beyond the most that there may be are not left out without a word", async () => {
  const field = mount(TagInput, {
    props: { modelValue: ["a"], label: "关键词", placeholder: "", most: 3 },
    global: { stubs: { VanIcon: true } },
  });
  await field.find("input").setValue("b，c，d，e");
  expect(field.emitted("update:modelValue")?.at(-1)).toEqual([["a", "b", "c"]]);
  expect(snack.text).toBe("最多 3 个，没有加上：d、e");
});
