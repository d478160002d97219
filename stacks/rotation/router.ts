/**
 * The router of a region: rule, queue and function that wake the rotation functions whose tags a snapshot bears. All snapshots of the
 * region together cost a call a hundred, however many caches there are: docs/decisions/0013-one-router-a-region.md.
 */
import type { Owned, Region } from "../../lib/config/cell";
import { HINT_ALIAS, resourceNames, routerNames } from "../../lib/contract";
import { currentOf } from "../parts/current";
import { createLogGroup } from "../parts/log-group";
import { policyDocument, type Statement } from "../parts/policy";
import { createRoleAndPolicy, forSource, forThisAccount } from "../parts/role";
import type { Scope } from "../parts/scope";
import { taggerOf } from "../parts/tags";
import {
  CloudwatchEventRule,
  CloudwatchEventTarget,
  type CloudwatchLogGroup,
  type Construct,
  LambdaEventSourceMapping,
  LambdaFunction,
  SqsQueue,
  SqsQueuePolicy,
} from "../terraform/cdktf";
import { str } from "../terraform/expression";
import type { FunctionCode } from "./code";
import { SNAPSHOT_EVENTS } from "./rules";

/** An event that is older is worth nothing: the functions have run by their schedule. */
const RETENTION_SECONDS = 900;
const BATCH = 100;
const WINDOW_SECONDS = 20;
/** The least that Lambda takes. */
const CONCURRENCY = 2;
/**
 * Two calls one after the other, EC2's and the hints, each of at most three attempts of eight seconds, to connect and to be answered: 48 s, and
 * the pauses between them.
 */
const TIMEOUT_SECONDS = 60;
/** Lambda's advice: six times the function's time, and the window. */
const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS + WINDOW_SECONDS;
const MEMORY_MIB = 256;

interface RouterProps {
  readonly project: string;
  readonly tags: Readonly<Record<string, string>>;
  /** It has at least one cell. */
  readonly region: Region;
  readonly code: FunctionCode;
}

type Router = Scope<Owned & { readonly logRetentionDays: number }> & { readonly names: ReturnType<typeof routerNames> };

export function createRouter(scope: Construct, props: RouterProps): void {
  const router = routerScope(scope, props);
  const queue = createQueue(router);
  const logGroup = createLogGroup(router, "router", router.names.routerLogGroup);
  const { role, policy } = createRoleAndPolicy(router, {
    id: "router",
    name: router.names.routerRole,
    description: `Wakes the rotation functions of ${props.project}`,
    service: "lambda",
    trust: [forThisAccount(router)],
    statements: statements(router, logGroup, queue),
  });
  const { lambdaRuntime, reservedConcurrency } = props.region.cells[0]!.rotation;
  const handler = new LambdaFunction(scope, "router.function", {
    functionName: router.names.router,
    description: `Wakes the rotation functions of ${props.project} for their own snapshots`,
    role: role.arn,
    runtime: lambdaRuntime,
    architectures: ["arm64"],
    handler: "index.handler",
    ...props.code,
    memorySize: MEMORY_MIB,
    timeout: TIMEOUT_SECONDS,
    reservedConcurrentExecutions: reservedConcurrency === null ? undefined : CONCURRENCY,
    tracingConfig: { mode: "Active" },
    tags: router.tags(),
    // Lambda looks at the role's permissions on the queue when it makes the mapping.
    dependsOn: [policy!, logGroup],
  });
  new LambdaEventSourceMapping(scope, "router.mapping", {
    functionName: handler.arn,
    eventSourceArn: queue.arn,
    batchSize: BATCH,
    maximumBatchingWindowInSeconds: WINDOW_SECONDS,
    scalingConfig: { maximumConcurrency: CONCURRENCY },
    tags: router.tags(),
  });
}

/** What differs by cache is as its first cache has it; logs are kept as long as those of the cache that keeps them longest. */
function routerScope(scope: Construct, { project, tags, region }: RouterProps): Router {
  const current = currentOf(scope);
  const rotations = region.cells.map(({ rotation }) => rotation);
  const { permissionsBoundaryArn, rolePath } = rotations[0]!;
  const logRetentionDays = Math.max(...rotations.map((rotation) => rotation.logRetentionDays));
  const names = routerNames(project, current.region);
  const owned = { name: names.router, tags, permissionsBoundaryArn, rolePath, kmsKeyArn: region.kmsKeyArn };
  return { scope, props: { ...owned, logRetentionDays }, current, tags: taggerOf(scope, tags, {}), names };
}

/** Events of all snapshots of the region, which only our rule may send. */
function createQueue({ scope, current, names, tags }: Router): SqsQueue {
  const queue = new SqsQueue(scope, "router.queue", {
    name: names.router,
    messageRetentionSeconds: RETENTION_SECONDS,
    visibilityTimeoutSeconds: VISIBILITY_SECONDS,
    sqsManagedSseEnabled: true,
    tags: tags(),
  });
  const rule = new CloudwatchEventRule(scope, "router.rule", {
    name: names.router,
    description: "Snapshots made or copied, whosever they are",
    eventPattern: str`jsonencode(${SNAPSHOT_EVENTS})`,
    tags: tags(),
  });
  const policy = policyDocument(scope, "router_queue.document", [
    {
      sid: "EventsOfOurRule",
      actions: ["sqs:SendMessage"],
      resources: [queue.arn],
      service: current.principal("events"),
      conditions: [forSource(rule.arn)],
    },
  ]);
  const admission = new SqsQueuePolicy(scope, "router.queue-policy", { queueUrl: queue.url, policy });
  new CloudwatchEventTarget(scope, "router.target", { rule: rule.name, arn: queue.arn, dependsOn: [admission] });
  return queue;
}

function statements({ current }: Router, logGroup: CloudwatchLogGroup, queue: SqsQueue): Statement[] {
  const { rotation } = resourceNames("*", "*", current.region);
  return [
    { sid: "LookAtTags", actions: ["ec2:DescribeSnapshots"], resources: ["*"] },
    {
      sid: "Hint",
      actions: ["lambda:InvokeFunction"],
      resources: [current.arn("lambda", `function:${rotation}:${HINT_ALIAS}`)],
    },
    {
      sid: "TakeEvents",
      actions: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
      resources: [queue.arn],
    },
    { sid: "WriteLog", actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [`${logGroup.arn}:*`] },
    { sid: "Trace", actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources: ["*"] },
  ];
}
