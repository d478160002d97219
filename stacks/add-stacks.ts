/** From a deployment to its stacks. */
import type { Noun, StackContext } from "./faces/noun";
import { NOUNS } from "./nouns";
import type { App } from "./terraform/cdktf";

/** Id of a noun's stack in a region, which is its name in Terraform and part of its state's key. */
function stackId(project: string, noun: string, region: string): string {
  return `${project}-${noun}-${region}`;
}

/** Declares the stacks of a deployment: in each region, one of each noun that has something there. */
export function addStacks(app: App, context: StackContext, nouns: readonly Noun[] = NOUNS): void {
  const { project, regions } = context.deployment;
  for (const region of regions)
    for (const { name, isIn, Stack } of nouns)
      if (isIn(region)) new Stack(app, stackId(project, name, region.name), context, region);
}
