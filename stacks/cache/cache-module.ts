/** The module of one cache: it calls builder, rotation and worker with what they have in common stated once. */
import {
  CACHE_INPUTS,
  inputNames,
  pathInCache,
  ROTATION_RETENTION,
  WORKER_ROOM_GIB,
} from "../../lib/config/cache-inputs";
import { declareInputs, type Inputs } from "../faces/module-inputs";
import { ModuleStack } from "../faces/module-stack";
import { type IResolvable, TerraformHclModule } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl } from "../terraform/expression";
import { createCadence } from "./cadence";

type Called = Parameters<typeof inputNames>[0];

export function createCacheModule(): ModuleStack {
  const module = new ModuleStack("cache");
  const inputs = declareInputs(module, CACHE_INPUTS);
  const cadence = createCadence(module);
  const builder = call(module, inputs, "builder", { count: hcl`${inputs.any("copy_from")} == null ? 1 : 0` });
  comment(builder, "A region that copies does not build.");
  call(module, inputs, "rotation", { cadence_hours: cadence.hours, retention: rotationRetention(inputs) });
  call(module, inputs, "worker", { count: hcl`${inputs.any("create_worker")} ? 1 : 0`, volume: workerVolume(inputs) });
  module.output(
    "builder",
    "Outputs of the module `builder`; null with `copy_from`.",
    hcl`one(module.builder[*])`,
    cadence.rules,
  );
  module.output("rotation", "Outputs of the module `rotation`.", hcl`module.rotation`);
  module.output("worker", "Outputs of the module `worker`; null without `create_worker`.", hcl`one(module.worker[*])`);
  return module;
}

/** Calls the module of a noun with all its variables. */
function call(
  module: ModuleStack,
  inputs: Inputs,
  noun: Called,
  special: Readonly<Record<string, unknown>>,
): TerraformHclModule {
  const called = new TerraformHclModule(module, `${noun}.module`, {
    source: `../${noun}`,
    // The emitted modules stand side by side, wherever they are taken from.
    skipAssetCreationFromLocalModules: true,
  });
  const given = Object.fromEntries(inputNames(noun).map((name) => [name, inputs.any(pathInCache(noun, name))]));
  for (const [name, value] of Object.entries({ ...given, ...special })) called.addOverride(name, value);
  return called;
}

function rotationRetention(inputs: Inputs): Record<string, unknown> {
  return Object.fromEntries(ROTATION_RETENTION.map((name) => [name, inputs.any(`retention.${name}`)]));
}

function workerVolume(inputs: Inputs): IResolvable {
  const size = hcl`coalesce(${inputs.any("worker.volume.size_gib")}, ${inputs.any("volume.size_gib")} + ${WORKER_ROOM_GIB})`;
  return hcl`merge(${inputs.any("worker.volume")}, ${{ size_gib: size }})`;
}
