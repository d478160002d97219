/** The loop at the level of AWS's API: a build is stood in for, everything else is real. */
import type { AwsEvent } from "../../lab/aws/hooks";
import { applyAll, buildAll, planAll, replicateAll } from "../../lab/product/api-loop";
import type { Step } from "./steps";
import { findTerraform, made, promote, startAws, synthesizeStacks } from "./trial";

export const terraformStep: Step = {
  title: "Terraform: the one on the PATH, or the official release, checked",
  run: findTerraform,
};

export const awsStep: Step = { title: "an emulated AWS on the loopback address", run: startAws };

export const applyStep: Step = {
  title: "terraform apply of every stack",
  run: (trial, tell) => applyAll(made(trial, "loop"), tell),
};

export const planStep: Step = {
  title: "terraform plan of every stack",
  run: async (trial) => {
    const found = await planAll(made(trial, "loop"));
    if (found.length > 0) throw new Error(found.map(({ stack, plan }) => `${stack}:\n${plan}`).join("\n"));
    return "No changes";
  },
};

const replicationStep: Step = {
  title: "DLM copies to the other regions; each promotes its own copy",
  run: async (trial) => promote(trial, await replicateAll(made(trial, "loop"))),
};

/** The steps, in order. */
export function apiSteps(): Step[] {
  let events: readonly AwsEvent[] = [];
  return [
    terraformStep,
    awsStep,
    { title: "docker-cache.yaml becomes Terraform", run: (trial) => synthesizeStacks(trial) },
    applyStep,
    {
      title: "a build is stood in for: the volume tagged, a ready snapshot created",
      run: async (trial) => {
        events = await buildAll(made(trial, "loop"), "first", "i-0123456789abcdef0");
      },
    },
    { title: "the rotation function hears of it and promotes", run: (trial) => promote(trial, events) },
    replicationStep,
    planStep,
  ];
}
