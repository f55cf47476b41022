/** Why a request did not succeed, with a message for the recruiter. */
export class ApiError extends Error {
  /**
   * @param status the answer's `status`; `network` where there was no answer
   * @param errors what is wrong with each field
   */
  constructor(
    readonly status: string,
    message: string,
    readonly errors: Record<string, string[]> = {},
  ) {
    super(message);
  }
}
