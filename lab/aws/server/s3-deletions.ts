/** DeleteObjects, which S3 judges object by object: it deletes what may be deleted, and answers 200 with an error for each of the others. */
import { AwsError } from "../aws-error";
import type { RawAnswer } from "../moto/client";
import { escapeXml } from "../wire/codec-query";
import type { S3Request } from "../wire/s3-request";

/** An object that a call names. */
interface Named {
  readonly Key: string;
  readonly VersionId?: string;
}

/** An object that the caller may not delete, and why. */
export interface Spared extends Named {
  readonly message: string;
}

interface Deletion {
  readonly Objects: readonly Named[];
  readonly Quiet?: boolean;
}

/**
 * Asks for a call as a whole, and if that is refused, for each object. Returns those that were refused; for other operations none.
 *
 * @throws what asking throws, if it is no refusal, or the operation another
 */
export async function sparedOf(
  { operation, input }: S3Request,
  ask: (input: S3Request["input"]) => Promise<void>,
): Promise<readonly Spared[]> {
  const all = await refusal(ask(input));
  if (!all) return [];
  if (operation.name !== "DeleteObjects") throw all;
  const deletion = input.Delete as Deletion;
  const spared: Spared[] = [];
  for (const object of deletion.Objects) {
    const refused = await refusal(ask({ ...input, Delete: { ...deletion, Objects: [object] } }));
    if (refused) spared.push({ ...object, message: refused.message });
  }
  return spared;
}

/** The error of what was refused; undefined if it was not. Others are thrown. */
async function refusal(asked: Promise<void>): Promise<AwsError | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (error instanceof AwsError && error.code === "AccessDenied") return error;
    throw error;
  }
}

/** The input without the objects that stay; undefined if all do. */
export function withoutSpared(input: S3Request["input"], spared: readonly Spared[]): S3Request["input"] | undefined {
  const deletion = input.Delete as Deletion;
  const Objects = deletion.Objects.filter(
    ({ Key, VersionId }) => !spared.some((one) => one.Key === Key && one.VersionId === VersionId),
  );
  return Objects.length === 0 ? undefined : { ...input, Delete: { ...deletion, Objects } };
}

/** An answer, or that to a call of which nothing is left, with the errors of the objects that stay. */
export function withErrors(answer: RawAnswer | undefined, spared: readonly Spared[]): RawAnswer {
  const result = '<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult></DeleteResult>';
  const empty = { status: 200, headers: { "content-type": "application/xml" }, body: Buffer.from(result) };
  const { body, ...rest } = answer ?? empty;
  const errors = spared.map(({ Key, VersionId, message }) => {
    const version = VersionId === undefined ? "" : `<VersionId>${escapeXml(VersionId)}</VersionId>`;
    const said = `<Code>AccessDenied</Code><Message>${escapeXml(message)}</Message>`;
    return `<Error><Key>${escapeXml(Key)}</Key>${version}${said}</Error>`;
  });
  const text = body.toString().replace("</DeleteResult>", () => `${errors.join("")}</DeleteResult>`);
  return { ...rest, body: Buffer.from(text) };
}
