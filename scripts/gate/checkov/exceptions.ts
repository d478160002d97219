/** The checkov checks that our stacks fail on purpose. Each has its reason here and nowhere else; docs/security.md shows the list. */
export interface Exception {
  readonly id: string;
  readonly reason: string;
  /** Setting that the scan with a customer key has, and that satisfies the check; undefined: none does. */
  readonly unless?: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    id: "CKV2_AWS_34",
    reason: "pointer and rejected contents are no secrets, and consumers of the pointer need no key",
  },
  {
    id: "CKV_AWS_88",
    reason:
      "in a default subnet a public address is the builder's only way out; its security group admits nothing, and with a named subnet it has none",
  },
  {
    id: "CKV_AWS_111",
    reason: "DLM's role has the actions of AWS's own service policy; AWS documents conditions for CreateTags alone",
  },
  { id: "CKV_AWS_356", reason: "as CKV_AWS_111: DLM's documented actions are on every volume and snapshot" },
  {
    id: "CKV_AWS_117",
    reason: "the function calls AWS's APIs and nothing else; in a VPC it would need endpoints or a NAT gateway",
  },
  {
    id: "CKV_AWS_116",
    reason:
      "scheduled runs that are given up go to a queue by an on-failure destination; the function's own dead-letter queue would take hints too, which may be lost, and the router is run by a queue",
  },
  { id: "CKV_AWS_272", reason: "code signing needs a signing profile of the user's; the plan shows the code's hash" },
  {
    id: "CKV_AWS_297",
    reason: "a schedule holds a launch template's id and no secret; a key would have to admit Scheduler as well",
  },
  {
    id: "CKV_AWS_338",
    reason:
      "logs of builds are kept as long as log_retention_days says, 30 days by default: a year costs and helps nobody",
    unless: "`log_retention_days: 365`",
  },
  {
    id: "CKV_AWS_26",
    reason: "alarms to a topic with the AWS managed key would be dropped in silence",
    unless: "a customer key",
  },
  { id: "CKV_AWS_158", reason: "log groups are encrypted by CloudWatch's own key", unless: "a customer key" },
  {
    id: "CKV_AWS_173",
    reason: "the function's settings are no secrets; Lambda encrypts them by its own key",
    unless: "a customer key",
  },
  { id: "CKV_AWS_189", reason: "the cache volume is encrypted by the account's default key", unless: "a customer key" },
];

/** As {@link EXCEPTIONS}, of the companions' stacks alone. */
export const COMPANION_EXCEPTIONS: readonly Exception[] = [
  {
    id: "CKV_AWS_51",
    reason:
      "`latest` of CI images moves, and their other tags are a hash of what the image is made of; a branch's layer cache is written anew under its tag",
  },
  {
    id: "CKV_AWS_163",
    reason: "ECR scans by the registry's scanning configuration, which is the account's to set",
  },
  { id: "CKV_AWS_136", reason: "CI images and layers are encrypted by ECR's own key", unless: "a customer key" },
  { id: "CKV_AWS_145", reason: "layers in S3 are encrypted by S3's own key", unless: "a customer key" },
  { id: "CKV_AWS_21", reason: "every layer can be built again; versions would keep what has expired, and be paid" },
  { id: "CKV_AWS_144", reason: "as CKV_AWS_21: each region's builds fill a cache of their own" },
  {
    id: "CKV_AWS_18",
    reason: "a log of access takes a bucket of its own that never expires; CloudTrail's data events tell who wrote",
  },
  { id: "CKV2_AWS_62", reason: "nothing waits for an object of the layer cache" },
  {
    id: "CKV_AWS_26",
    reason: "alarms to a topic with the AWS managed key would be dropped in silence",
    unless: "a customer key",
  },
  { id: "CKV_AWS_158", reason: "log groups are encrypted by CloudWatch's own key", unless: "a customer key" },
];
