/** Writes the cache device of one launch template. */
import { createHash } from "node:crypto";
import { withMapping } from "../cache-device";
import type { Ports, TemplateVersion } from "../ports";
import type { LaunchTemplate, WantedMapping } from "../types";

/** Most times that a template is written anew because somebody else wrote a version in between. */
const REBASES = 3;
/** EC2 may not know for so long what it has just made. */
const UNKNOWN_MILLISECONDS = 90_000;
const PAUSE_MILLISECONDS = 5_000;

type Base = Pick<TemplateVersion, "version" | "description" | "data">;

/** EC2 says that something does not exist; it may not know it yet. */
export const isNotFound = (error: unknown) => error instanceof Error && /NotFound/.test(error.name);

/** Repeats a call for as long as EC2 may not know what it has just made. */
async function untilKnown<T>(ports: Ports, call: () => Promise<T>): Promise<T> {
  const end = ports.now() + UNKNOWN_MILLISECONDS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isNotFound(error) || ports.now() >= end) throw error;
      await ports.sleep(PAUSE_MILLISECONDS);
    }
  }
}

/** Returns one version, or undefined if somebody deleted it. */
async function findVersion(ports: Ports, templateId: string, version: number): Promise<TemplateVersion | undefined> {
  try {
    return await untilKnown(ports, async () => {
      const [found] = await ports.listVersions(templateId, [version]);
      if (!found) throw Object.assign(new Error(`no version ${version}`), { name: "VersionNotFound" });
      return found;
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function token(template: LaunchTemplate, base: number, mapping: WantedMapping): string {
  return createHash("sha256")
    .update(JSON.stringify([template.id, base, mapping]))
    .digest("hex");
}

/**
 * Writes the cache device into a new version made of `$Latest`, and makes it the default. The number tells whether it really was
 * made of the latest. If Terraform wrote one in between, ours would undo that change. So it is made again from Terraform's.
 */
export async function writeTemplate(template: LaunchTemplate, mapping: WantedMapping, ports: Ports): Promise<void> {
  let base: Base = { version: template.dataVersion, description: template.description, data: template.data };
  let expected = base.version + 1;
  for (let attempt = 0; attempt < REBASES; attempt++) {
    const data = withMapping(base.data, mapping);
    const key = token(template, base.version, mapping);
    const version = await ports.createVersion(template.id, data, base.description, key);
    const between = version === expected ? undefined : await findVersion(ports, template.id, version - 1);
    if (!between || JSON.stringify(withMapping(between.data, mapping)) === JSON.stringify(data))
      return untilKnown(ports, () => ports.setDefaultVersion(template.id, version));
    base = between;
    expected = version + 1;
  }
  const what = `launch template ${template.id} was written by others ${REBASES} times in a row`;
  throw new Error(`${what}; the next run tries again`);
}
