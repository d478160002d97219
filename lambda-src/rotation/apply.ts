/** Executes actions in the order of the plan. One that fails does not stop the others; the run fails at its end, naming all. */
import { createHash } from "node:crypto";
import { parameterPaths, type RotationSettings, TAG } from "../../lib/contract";
import { withMapping } from "./plan-templates";
import type { Ports } from "./ports";
import type { Action, LaunchTemplate, TemplateData, WantedMapping } from "./types";

/** How often a template is written anew because somebody else wrote a version in between. */
const REBASES = 3;

export interface Applied {
  readonly action: Action;
  /** undefined: done. `held`: EC2 refused for a reason that the next plan will see. */
  readonly failure: Error | "held" | undefined;
}

function token(template: LaunchTemplate, base: number, mapping: WantedMapping): string {
  return createHash("sha256")
    .update(JSON.stringify([template.id, base, mapping]))
    .digest("hex");
}

/**
 * Writes the cache device into a new version made of `$Latest`, and makes it the default. The number tells whether it really was made
 * of the latest: where Terraform wrote one in between, ours would undo that change, so it is made again from Terraform's.
 */
async function writeTemplate(template: LaunchTemplate, mapping: WantedMapping, ports: Ports): Promise<void> {
  let base: { version: number; description: string | undefined; data: TemplateData } = {
    version: template.dataVersion,
    description: template.description,
    data: template.data,
  };
  for (let attempt = 0; attempt < REBASES; attempt++) {
    const data = withMapping(base.data, mapping);
    const version = await ports.createVersion(
      template.id,
      data,
      base.description,
      token(template, base.version, mapping),
    );
    const [between] = version === base.version + 1 ? [] : await ports.listVersions(template.id, [version - 1]);
    if (!between || JSON.stringify(withMapping(between.data, mapping)) === JSON.stringify(data))
      return ports.setDefaultVersion(template.id, version);
    base = between;
  }
  throw new Error(
    `launch template ${template.id} was written by others ${REBASES} times in a row; the next run tries again`,
  );
}

async function execute(action: Action, ports: Ports, settings: RotationSettings): Promise<"held" | undefined> {
  const paths = parameterPaths(settings.name, settings.architecture);
  switch (action.kind) {
    case "write-rejected":
      await ports.putParameter(paths.rejected, action.contents.join("\n") || "none");
      return;
    case "write-pointer":
      await ports.putParameter(paths.pointer, action.value);
      return;
    case "tag-rejected":
      await ports.tagResources(action.resourceIds, TAG.state, "rejected");
      return;
    case "tag-ready":
      await ports.tagResources([action.snapshotId], TAG.state, "ready");
      return;
    case "pin":
      await ports.tagResources([action.snapshotId], TAG.pin, "promoted");
      return;
    case "unpin":
      await ports.untagResources([action.snapshotId], TAG.pin);
      return;
    case "write-template":
      await writeTemplate(action.template, action.mapping, ports);
      return;
    case "set-default-version":
      await ports.setDefaultVersion(action.templateId, action.version);
      return;
    case "prune-versions":
      await ports.deleteVersions(action.templateId, action.versions);
      return;
    case "enable-fast-restore":
      await ports.enableFastRestore(action.snapshotId, action.zones);
      return;
    case "disable-fast-restore":
      await ports.disableFastRestore(action.snapshotId, action.zones);
      return;
    case "terminate-builder":
      await ports.terminateInstance(action.instanceId);
      return;
    case "untag-delete-after":
      await ports.untagResources(action.snapshotIds, TAG.deleteAfter);
      return;
    case "tag-delete-after":
      await ports.tagResources(action.snapshotIds, TAG.deleteAfter, action.deleteAfter);
      return;
    case "delete-snapshot":
      return (await ports.deleteSnapshot(action.snapshotId)) ? undefined : "held";
  }
}

/** Executes one after the other and says what became of each. */
export async function applyActions(
  actions: readonly Action[],
  ports: Ports,
  settings: RotationSettings,
): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const action of actions) {
    try {
      applied.push({ action, failure: await execute(action, ports, settings) });
    } catch (error) {
      applied.push({ action, failure: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return applied;
}

/** Throws where an action failed or the plan names problems: the run is then a failed one, after all else was done. */
export function throwFailures(applied: readonly Applied[], problems: readonly string[]): void {
  const failures = applied.flatMap(({ action, failure }) =>
    failure instanceof Error ? [new Error(`${action.kind}: ${failure.message}`, { cause: failure })] : [],
  );
  const all = [...failures, ...problems.map((problem) => new Error(problem))];
  if (all.length > 0) throw new AggregateError(all, all.map((error) => error.message).join("; "));
}
