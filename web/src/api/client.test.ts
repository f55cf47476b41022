import { describe, expect, it } from "vitest";
import { unhurried } from "./client";

/** What comes of a request that is refused at first. */
async function outcome(wait: string, method = "GET", status = 429): Promise<[status: number, asked: number]> {
  let asked = 0;
  const send = async (): Promise<Response> =>
    asked++ ? new Response("{}") : new Response("{}", { status, headers: { "Retry-After": wait } });
  const answer = await unhurried(send)(new Request("http://localhost/", { method }));
  return [answer.status, asked];
}

describe("a refusal", () => {
  it("is waited out where it is short and only reading was refused", async () => {
    expect(await outcome("0")).toEqual([200, 2]);
    expect(await outcome("0", "GET", 503)).toEqual([200, 2]);
    expect(await outcome("0", "GET", 500)).toEqual([500, 1]);
    expect(await outcome("60")).toEqual([429, 1]);
    expect(await outcome("0", "POST")).toEqual([429, 1]);
  });
});
