/** All handlers: what the front answers or mends. Everything else is moto's. */
import { dlmHandlers } from "./dlm";
import { launchTemplateVersionHandlers } from "./ec2-launch-template-versions";
import { launchTemplateHandlers } from "./ec2-launch-templates";
import type { Handlers } from "./handler";

/** By `service:Action`. */
export const allHandlers: Handlers = {
  ...dlmHandlers,
  ...launchTemplateHandlers,
  ...launchTemplateVersionHandlers,
};
