/** All handlers: what the front answers or mends. Everything else is moto's. */
import { autoScalingHandlers } from "./autoscaling";
import { dlmHandlers } from "./dlm";
import { attachmentHandlers } from "./ec2-attachments";
import { fastRestoreHandlers } from "./ec2-fast-restore";
import { imageHandlers } from "./ec2-images";
import { instanceLookupHandlers } from "./ec2-instance-lookup";
import { instanceHandlers } from "./ec2-instances";
import { launchTemplateVersionHandlers } from "./ec2-launch-template-versions";
import { launchTemplateHandlers } from "./ec2-launch-templates";
import { snapshotLockHandlers } from "./ec2-snapshot-locks";
import { snapshotHandlers } from "./ec2-snapshots";
import { tagHandlers } from "./ec2-tags";
import { volumeHandlers } from "./ec2-volumes";
import { pullThroughHandlers } from "./ecr-pull-through";
import type { Handlers } from "./handler";
import { functionHandlers } from "./lambda";
import { recycleBinHandlers } from "./rbin";
import { binHandlers } from "./rbin-bin";
import { parameterHandlers } from "./ssm";

/** By `service:Action`. */
export const allHandlers: Handlers = {
  ...attachmentHandlers,
  ...autoScalingHandlers,
  ...binHandlers,
  ...dlmHandlers,
  ...fastRestoreHandlers,
  ...functionHandlers,
  ...imageHandlers,
  ...instanceHandlers,
  ...instanceLookupHandlers,
  ...launchTemplateHandlers,
  ...launchTemplateVersionHandlers,
  ...parameterHandlers,
  ...pullThroughHandlers,
  ...recycleBinHandlers,
  ...snapshotHandlers,
  ...snapshotLockHandlers,
  ...tagHandlers,
  ...volumeHandlers,
};
