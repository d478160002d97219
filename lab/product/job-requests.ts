/** What jobs ask of AWS: calls of its APIs, and requests to ECR's registry, which may be spoiled. */
import type { EmulatedAws } from "../aws/server/start";
import type { LabEcr } from "../ecr/start";
import type { RegistryFaults, RegistryRequest } from "../registry/registry-faults";

/** All that was asked since it was last forgotten. */
export interface JobRequests {
  /** Calls by other keys than the emulation's own, as `service:Action`. */
  readonly api: string[];
  /** Requests to the registry and to the buckets of its layers. */
  readonly registry: RegistryRequest[];
  /** May be set: what the registry does with each request. */
  faults: RegistryFaults;
}

/** Actions that IAM is asked about for a request to the registry, which is counted as that. */
const BY_REGISTRY = new Set([
  ...["BatchGetImage", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "InitiateLayerUpload"],
  ...["UploadLayerPart", "CompleteLayerUpload", "PutImage", "ListImages"],
]);

const none: RegistryFaults = () => undefined;

/** Begins to watch, as long as the AWS runs. */
export function watchRequests({ aws, hooks }: EmulatedAws, ecr: LabEcr): JobRequests {
  const requests: JobRequests = { api: [], registry: [], faults: none };
  ecr.faults = (request) => {
    requests.registry.push(request);
    return requests.faults(request);
  };
  hooks.on("Request", ({ service, action, accessKeyId }) => {
    const own = accessKeyId === aws.rootKey || (service === "ecr" && BY_REGISTRY.has(action));
    if (!own) requests.api.push(`${service}:${action}`);
  });
  return requests;
}

/** Forgets what was asked, and ends every fault. */
export function calm(requests: JobRequests): void {
  requests.api.length = 0;
  requests.registry.length = 0;
  requests.faults = none;
}
