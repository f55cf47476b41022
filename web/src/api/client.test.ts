import { describe, expect, it } from "vitest";
import { unhurried } from "./client";

/** What comes of a request that is refused at first. */
async function outcome(wait: string, method = "GET", status = 429): Promise<[status: number, asked: number]> {
  let asked = 0;
  const send = async (request: RequestInfo | URL): Promise<Response> => {
    await (request as Request).text(); // a body can be read once
    return asked++ ? new Response("{}") : new Response("{}", { status, headers: { "Retry-After": wait } });
  };
  const body = method === "GET" ? undefined : "{}";
  const answer = await unhurried(send)(new Request("http://localhost/", { method, body }));
  return [answer.status, asked];
}

describe("a refusal", () => {
  it("is waited out where it is short and nothing was done", async () => {
    expect(await outcome("0")).toEqual([200, 2]);
    expect(await outcome("0", "GET", 503)).toEqual([200, 2]);
    expect(await outcome("0", "GET", 500)).toEqual([500, 1]);
    expect(await outcome("60")).toEqual([429, 1]);
    expect(await outcome("0", "POST")).toEqual([200, 2]);
    expect(await outcome("0", "POST", 503)).toEqual([503, 1]);
  });
});
