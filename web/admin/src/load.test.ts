import { effectScope } from "vue";
import { expect, test } from "vitest";
import { ApiError } from "../../src/api/error";
import { useAction } from "./action";
import { useLoad } from "./load";
import { startSession } from "./session";

const later = <T>() => {
  let give!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    give = resolve;
    fail = reject;
  });
  return { promise, give, fail };
};

/** What a view does in its setup. */
const inScope = <T>(work: () => T): T => effectScope().run(work) as T;

test("the answer to the last question is shown, whichever comes last", async () => {
  const [first, second] = [later<string>(), later<string>()];
  const answers = [first, second];
  const list = inScope(() => useLoad(() => answers.shift()!.promise));
  const asked = [list.load(), list.load()];
  second.give("new");
  first.give("old");
  await Promise.all(asked);
  expect(list.data).toBe("new");
  expect(list.isBusy).toBe(false);
});

test("what is there stays where it cannot be loaded anew, and a field's error is told", async () => {
  startSession({ token: "t", email: "a@example.com", role: "admin" });
  const [first, second] = [later<string>(), later<string>()];
  const answers = [first, second];
  const list = inScope(() => useLoad(() => answers.shift()!.promise));
  first.give("there");
  await list.load();
  second.fail(new ApiError("form_error", "表单有误", { since: ["请填写日期"] }));
  await list.load();
  expect(list.data).toBe("there");
  expect(list.failure).toBe("表单有误");
  expect(list.wrong("since")).toBe("请填写日期");
  expect(list.wrong("account")).toBe("");
});

test("a second press while an action runs does nothing", async () => {
  const action = useAction();
  const work = later<void>();
  let times = 0;
  const run = () => action.run("x", async () => ((times += 1), work.promise));
  const first = run();
  expect(await run()).toBe(false);
  work.give();
  expect(await first).toBe(true);
  expect(times).toBe(1);
  expect(action.busy).toBe("");
});
