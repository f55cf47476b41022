/** The file that a resume was read from: what it is, pictures of its pages, and the file itself. */
import { arrived, type Outcome } from "../api/ask";
import { ApiError } from "../api/error";
import { client } from "../api/generated/client.gen";
import { getResumesOriginalResumeId } from "../api/generated/sdk.gen";
import { saveAs } from "../saving";

/** What the file is; `name` is made up here, as its own may name the person. */
export interface Original {
  kind: string;
  pages: number;
}

/** What the original of a resume is, once the contact is unlocked. */
export async function lookAt(resumeId: string): Promise<Original> {
  // The description has no HEAD. It is answered like GET, in headers alone.
  const response = await given(
    client.head({ url: "/resumes/original/{resume_id}", path: { resume_id: resumeId } }),
  );
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
  const response = await given(
    getResumesOriginalResumeId({ path: { resume_id: resumeId }, query: { page }, parseAs: "stream" }),
  );
  if (response.headers.get("Content-Type")?.startsWith("application/json")) throw await refused(response);
  return response.blob();
}

async function given(call: Promise<Outcome<unknown>>): Promise<Response> {
  const outcome = await call;
  const response = arrived(outcome);
  if (response.ok) return response;
  if (response.status === 404) throw new ApiError("not_found", "这份简历没有原件");
  const { status = "unreadable", msg = "" } = (outcome.error ?? {}) as { status?: string; msg?: string };
  throw new ApiError(status, msg || "原件暂时打不开，请稍后再试");
}

/** Why it is not given, with HTTP 200: the contact is locked, or secret. */
async function refused(response: Response): Promise<ApiError> {
  const answer = (await response.json()) as { status: string; msg: string };
  return new ApiError(answer.status, answer.msg);
}
