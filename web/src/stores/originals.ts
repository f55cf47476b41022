/** The file that a resume was read from: what it is, pictures of its pages, and the file itself. */
import { api } from "../api/client";
import { ApiError } from "../api/error";
import { saveAs } from "../saving";

const PATH = "/resumes/original/{resume_id}";

/** What the file is; `name` is made up here, as its own may name the person. */
export interface Original {
  kind: string;
  pages: number;
}

interface Answered {
  error?: unknown;
  response: Response;
}

/** What the original of a resume is, once the contact is unlocked. */
export async function lookAt(resumeId: string): Promise<Original> {
  // The description has no HEAD. It is answered like GET, in headers alone.
  const response = await given(api.request("head" as "get", PATH, asked(resumeId)));
  const kind = response.headers.get("X-Original-Kind");
  if (kind === null) throw new ApiError("locked", "解锁联系方式后才能查看原件");
  return { kind, pages: Number(response.headers.get("X-Original-Pages")) };
}

/** A picture of a page, from 1, as a URL that has to be revoked. */
export async function pictureOf(resumeId: string, page: number): Promise<string> {
  return URL.createObjectURL(await blob(resumeId, page));
}

/** Save the file itself. */
export async function download(resumeId: string, original: Original): Promise<void> {
  saveAs(await blob(resumeId), `简历原件.${original.kind || "bin"}`);
}

async function blob(resumeId: string, page?: number): Promise<Blob> {
  const response = await given(api.GET(PATH, { ...asked(resumeId, page), parseAs: "stream" }));
  if (response.headers.get("Content-Type")?.startsWith("application/json")) throw await refused(response);
  return response.blob();
}

const asked = (resumeId: string, page?: number) => ({
  params: { path: { resume_id: resumeId }, query: { page } },
});

async function given(call: Promise<Answered>): Promise<Response> {
  let outcome: Answered;
  try {
    outcome = await call;
  } catch {
    throw new ApiError("network", "连不上服务器，请检查网络后再试");
  }
  const { error, response } = outcome;
  if (response.ok) return response;
  if (response.status === 404) throw new ApiError("not_found", "这份简历没有原件");
  const { status = "unreadable", msg = "" } = (error ?? {}) as { status?: string; msg?: string };
  throw new ApiError(status, msg || "原件暂时打不开，请稍后再试");
}

/** Why it is not given, with HTTP 200: the contact is locked, or secret. */
async function refused(response: Response): Promise<ApiError> {
  const answer = (await response.json()) as { status: string; msg: string };
  return new ApiError(answer.status, answer.msg);
}
