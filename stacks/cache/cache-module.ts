/** The module of one cache: it calls builder, rotation and worker with what they have in common stated once. */
import {
  CACHE_INPUTS,
  inputNames,
  pathInCache,
  ROTATION_RETENTION,
  WORKER_ROOM_GIB,
} from "../../lib/config/cache-inputs";
import { declareUncheckedInputs } from "../faces/module-inputs";
import { ModuleStack } from "../faces/module-stack";
import { type IResolvable, TerraformHclModule } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl } from "../terraform/expression";
import { raw } from "../terraform/maybe";
import { createCadence } from "./cadence";

type Called = Parameters<typeof inputNames>[0];

export function createCacheModule(): ModuleStack {
  const module = new ModuleStack("cache");
  declareUncheckedInputs(module, CACHE_INPUTS);
  const cadence = createCadence(module);
  const builder = call(module, "builder", { count: hcl`${variable("copy_from")} == null ? 1 : 0` });
  comment(builder, "A region that copies does not build.");
  call(module, "rotation", { cadence_hours: cadence.hours, retention: rotationRetention() });
  call(module, "worker", { count: hcl`${variable("create_worker")} ? 1 : 0`, volume: workerVolume() });
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

function variable(path: string): IResolvable {
  return hcl`${raw(`var.${path}`)}`;
}

/** Calls the module of a noun with all its variables. */
function call(module: ModuleStack, noun: Called, special: Readonly<Record<string, unknown>>): TerraformHclModule {
  const called = new TerraformHclModule(module, `${noun}.module`, {
    source: `../${noun}`,
    // The emitted modules stand side by side, wherever they are taken from.
    skipAssetCreationFromLocalModules: true,
  });
  const given = Object.fromEntries(inputNames(noun).map((name) => [name, variable(pathInCache(noun, name))]));
  for (const [name, value] of Object.entries({ ...given, ...special })) called.addOverride(name, value);
  return called;
}

function rotationRetention(): Record<string, unknown> {
  return Object.fromEntries(ROTATION_RETENTION.map((name) => [name, variable(`retention.${name}`)]));
}

function workerVolume(): IResolvable {
  const size = hcl`coalesce(${variable("worker.volume.size_gib")}, ${variable("volume.size_gib")} + ${WORKER_ROOM_GIB})`;
  return hcl`merge(${variable("worker.volume")}, ${{ size_gib: size }})`;
}
