/** All handlers: operations that the front answers or corrects. Everything else is moto's. */

import type { Handlers } from "../handler";
import { autoScalingHandlers } from "../services/auto-scaling/groups";
import { budgetHandlers } from "../services/budgets/budgets";
import { budgetNotificationHandlers } from "../services/budgets/notifications";
import { budgetTagHandlers } from "../services/budgets/tags";
import { buildHandlers } from "../services/codebuild/builds";
import { buildProjectHandlers } from "../services/codebuild/projects";
import { dlmHandlers } from "../services/dlm/api";
import { attachmentHandlers } from "../services/ec2/attachments";
import { fastRestoreHandlers } from "../services/ec2/fast-restore";
import { imageHandlers } from "../services/ec2/images";
import { instanceLookupHandlers } from "../services/ec2/instance-lookup";
import { instanceHandlers } from "../services/ec2/instances";
import { launchTemplateVersionHandlers } from "../services/ec2/launch-template-versions";
import { launchTemplateHandlers } from "../services/ec2/launch-templates";
import { binHandlers } from "../services/ec2/recycle-bin";
import { snapshotLockHandlers } from "../services/ec2/snapshot-locks";
import { snapshotHandlers } from "../services/ec2/snapshots";
import { tagHandlers } from "../services/ec2/tags";
import { volumeHandlers } from "../services/ec2/volumes";
import { creationTemplateHandlers } from "../services/ecr/creation-templates";
import { imageDeletionHandlers } from "../services/ecr/image-deletions";
import { imageQueryHandlers } from "../services/ecr/image-queries";
import { imageHandlers as ecrImageHandlers } from "../services/ecr/images";
import { imageLifecycleHandlers } from "../services/ecr/lifecycle-run";
import { pullThroughHandlers } from "../services/ecr/pull-through-rules";
import { repositoryHandlers } from "../services/ecr/repositories";
import { tokenHandlers } from "../services/ecr/tokens";
import { eventHandlers } from "../services/event-bridge";
import { eventSourceHandlers } from "../services/event-sources";
import { functionHandlers } from "../services/lambda";
import { invocationHandlers } from "../services/lambda-invocations";
import { logGroupHandlers } from "../services/logs";
import { recycleBinHandlers } from "../services/recycle-bin";
import { parameterHandlers } from "../services/ssm";

/** By `service:Action`. */
export const allHandlers: Handlers = {
  ...attachmentHandlers,
  ...autoScalingHandlers,
  ...binHandlers,
  ...budgetHandlers,
  ...budgetNotificationHandlers,
  ...budgetTagHandlers,
  ...buildHandlers,
  ...buildProjectHandlers,
  ...creationTemplateHandlers,
  ...dlmHandlers,
  ...ecrImageHandlers,
  ...imageDeletionHandlers,
  ...imageLifecycleHandlers,
  ...imageQueryHandlers,
  ...eventHandlers,
  ...eventSourceHandlers,
  ...fastRestoreHandlers,
  ...functionHandlers,
  ...imageHandlers,
  ...instanceHandlers,
  ...invocationHandlers,
  ...instanceLookupHandlers,
  ...launchTemplateHandlers,
  ...launchTemplateVersionHandlers,
  ...logGroupHandlers,
  ...parameterHandlers,
  ...pullThroughHandlers,
  ...recycleBinHandlers,
  ...repositoryHandlers,
  ...snapshotHandlers,
  ...snapshotLockHandlers,
  ...tagHandlers,
  ...tokenHandlers,
  ...volumeHandlers,
};
