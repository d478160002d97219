/** The cache's three parameters and the pointer's history. */
import { POINTER_NONE, parameterPaths, type RotationSettings } from "../../../lib/contract";
import type { Ports } from "../ports";
import type { Parameter, ParameterWrite } from "../types";

export interface Parameters {
  /** `accountId` is undefined if the parameter does not exist. */
  readonly pointer: ParameterWrite & { readonly accountId?: string };
  readonly history: { readonly entries: readonly ParameterWrite[]; readonly complete: boolean };
  readonly rejected: Parameter | undefined;
  /** See {@link State.rejectedWrites}. */
  readonly rejectedWrites: readonly ParameterWrite[];
  readonly volumeId: Parameter | null;
}

export async function readParameters(
  ports: Ports,
  settings: RotationSettings,
  options: { readonly pointerMayBeMissing?: boolean; readonly asked?: boolean },
): Promise<Parameters> {
  const paths = parameterPaths(settings.name, settings.architecture);
  const [parameters, history] = await Promise.all([
    ports.getParameters([paths.pointer, paths.rejected, paths.volumeId]),
    ports.getParameterHistory(paths.pointer),
  ]);
  const pointer = parameters.get(paths.pointer);
  if (!pointer && !options.pointerMayBeMissing)
    throw new Error(
      `parameter ${paths.pointer} does not exist in ${ports.region}, expected the pointer of the rotation stack: apply it first`,
    );
  const rejected = parameters.get(paths.rejected);
  const everyWrite = options.asked || pointer?.value === POINTER_NONE;
  const writes = rejected && everyWrite ? (await ports.getParameterHistory(paths.rejected)).entries : [];
  return {
    pointer: pointer ?? { value: POINTER_NONE, writtenAt: 0 },
    history,
    rejected,
    rejectedWrites: writes.length > 0 ? writes : rejected ? [rejected] : [],
    volumeId: parameters.get(paths.volumeId) ?? null,
  };
}
