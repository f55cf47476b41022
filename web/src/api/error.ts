/** Why a request did not succeed, in words for the person who asked. */
export class ApiError extends Error {
  /**
   * @param status the answer's `status`, or `network` where there was none
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
