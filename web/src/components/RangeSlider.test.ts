// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import RangeSlider from "./RangeSlider.vue";

function opened(low: number, high: number) {
  const slider = mount(RangeSlider, {
    props: {
      low,
      high,
      most: 60,
      "onUpdate:low": (value: number) => slider.setProps({ low: value }),
      "onUpdate:high": (value: number) => slider.setProps({ high: value }),
    },
  });
  return slider;
}

test("a handle stops at the other one", async () => {
  const slider = opened(10, 20);
  const [lower, upper] = slider.findAll("input");
  await lower?.setValue("35");
  expect([slider.props("low"), slider.props("high"), lower?.element.value]).toEqual([20, 20, "20"]);
  await upper?.setValue("5");
  expect([slider.props("low"), slider.props("high"), upper?.element.value]).toEqual([20, 20, "20"]);
});

test("both at the upper end, the lower one can still be moved", () => {
  expect(opened(60, 60).findAll("input")[0]?.classes()).toContain("above");
});

test("what somebody types the wrong way round stays within the line", () => {
  const style = opened(30, 20).find("span").attributes("style");
  expect(style).toContain("left: 33.3");
  expect(style).toContain("right: 50%");
});
