/** An error as AWS's APIs answer it; any handler may throw it, and the front writes it in the caller's protocol. */
export class AwsError extends Error {
  /**
   * @param code AWS's error code, e.g. `InvalidSnapshot.NotFound`
   * @param message AWS's wording if it is known
   * @param status HTTP status; 400 unless the service's model says otherwise
   * @param fields further members of a JSON error
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}
