/** Files that are asked for with the operator's credentials, and saved. */
import { ApiError } from "../../../src/api/error";
import { slowly } from "../slowly";
import { saveAs } from "../../../src/saving";
import { identity } from "../session";

/**
 * Save what the server answers under a name.
 *
 * @param body what a POST asks by; without it the file is asked for by GET
 * @throws ApiError where the answer is not a file
 */
export async function save(path: string, name: string, body?: object): Promise<void> {
  const request = new Request(location.origin + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: identity.authorization(), "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  let answer: Response;
  try {
    answer = await slowly(request);
  } catch {
    throw new ApiError("network", "连不上服务器，请检查网络后再试");
  }
  const isFile = answer.ok && (answer.headers.get("Content-Disposition") ?? "").startsWith("attachment");
  if (isFile) return saveAs(await answer.blob(), name);
  if (answer.status === 401) identity.onRefused();
  const said = (await answer.json().catch(() => ({}))) as {
    status?: string;
    msg?: string;
    errors?: Record<string, string[]>;
  };
  throw new ApiError(said.status ?? "unreadable", said.msg ?? "文件没有取到，请稍后再试", said.errors);
}
