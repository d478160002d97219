/** Operations of S3 and the actions that they take: IAM knows many of them by another name. */

/** Operations on a bucket: the actions that they take. */
export const ON_BUCKETS: Readonly<Record<string, string>> = {
  DeleteBucket: "DeleteBucket",
  DeleteBucketAnalyticsConfiguration: "PutAnalyticsConfiguration",
  DeleteBucketCors: "PutBucketCORS",
  DeleteBucketEncryption: "PutEncryptionConfiguration",
  DeleteBucketIntelligentTieringConfiguration: "PutIntelligentTieringConfiguration",
  DeleteBucketInventoryConfiguration: "PutInventoryConfiguration",
  DeleteBucketLifecycle: "PutLifecycleConfiguration",
  DeleteBucketMetricsConfiguration: "PutMetricsConfiguration",
  DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
  DeleteBucketPolicy: "DeleteBucketPolicy",
  DeleteBucketReplication: "PutReplicationConfiguration",
  DeleteBucketTagging: "PutBucketTagging",
  DeleteBucketWebsite: "DeleteBucketWebsite",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
  GetBucketAbac: "GetBucketAbac",
  GetBucketAccelerateConfiguration: "GetAccelerateConfiguration",
  GetBucketAcl: "GetBucketAcl",
  GetBucketAnalyticsConfiguration: "GetAnalyticsConfiguration",
  GetBucketCors: "GetBucketCORS",
  GetBucketEncryption: "GetEncryptionConfiguration",
  GetBucketIntelligentTieringConfiguration: "GetIntelligentTieringConfiguration",
  GetBucketInventoryConfiguration: "GetInventoryConfiguration",
  GetBucketLifecycleConfiguration: "GetLifecycleConfiguration",
  GetBucketLocation: "GetBucketLocation",
  GetBucketLogging: "GetBucketLogging",
  GetBucketMetricsConfiguration: "GetMetricsConfiguration",
  GetBucketNotificationConfiguration: "GetBucketNotification",
  GetBucketOwnershipControls: "GetBucketOwnershipControls",
  GetBucketPolicy: "GetBucketPolicy",
  GetBucketPolicyStatus: "GetBucketPolicyStatus",
  GetBucketReplication: "GetReplicationConfiguration",
  GetBucketRequestPayment: "GetBucketRequestPayment",
  GetBucketTagging: "GetBucketTagging",
  GetBucketVersioning: "GetBucketVersioning",
  GetBucketWebsite: "GetBucketWebsite",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  HeadBucket: "ListBucket",
  ListBucketAnalyticsConfigurations: "GetAnalyticsConfiguration",
  ListBucketIntelligentTieringConfigurations: "GetIntelligentTieringConfiguration",
  ListBucketInventoryConfigurations: "GetInventoryConfiguration",
  ListBucketMetricsConfigurations: "GetMetricsConfiguration",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  PutBucketAbac: "PutBucketAbac",
  PutBucketAccelerateConfiguration: "PutAccelerateConfiguration",
  PutBucketAcl: "PutBucketAcl",
  PutBucketAnalyticsConfiguration: "PutAnalyticsConfiguration",
  PutBucketCors: "PutBucketCORS",
  PutBucketEncryption: "PutEncryptionConfiguration",
  PutBucketIntelligentTieringConfiguration: "PutIntelligentTieringConfiguration",
  PutBucketInventoryConfiguration: "PutInventoryConfiguration",
  PutBucketLifecycleConfiguration: "PutLifecycleConfiguration",
  PutBucketLogging: "PutBucketLogging",
  PutBucketMetricsConfiguration: "PutMetricsConfiguration",
  PutBucketNotificationConfiguration: "PutBucketNotification",
  PutBucketOwnershipControls: "PutBucketOwnershipControls",
  PutBucketPolicy: "PutBucketPolicy",
  PutBucketReplication: "PutReplicationConfiguration",
  PutBucketRequestPayment: "PutBucketRequestPayment",
  PutBucketTagging: "PutBucketTagging",
  PutBucketVersioning: "PutBucketVersioning",
  PutBucketWebsite: "PutBucketWebsite",
  PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
};

/** Operations on an object, whose actions have another name if the call names a version. */
export const ON_OBJECTS: Readonly<Record<string, readonly string[]>> = {
  AbortMultipartUpload: ["AbortMultipartUpload"],
  CompleteMultipartUpload: ["PutObject"],
  CopyObject: ["PutObject"],
  CreateMultipartUpload: ["PutObject"],
  DeleteObject: ["DeleteObject"],
  DeleteObjectTagging: ["DeleteObjectTagging"],
  GetObject: ["GetObject"],
  GetObjectAcl: ["GetObjectAcl"],
  GetObjectAttributes: ["GetObject", "GetObjectAttributes"],
  GetObjectLegalHold: ["GetObjectLegalHold"],
  GetObjectRetention: ["GetObjectRetention"],
  GetObjectTagging: ["GetObjectTagging"],
  HeadObject: ["GetObject"],
  ListParts: ["ListMultipartUploadParts"],
  PutObject: ["PutObject"],
  PutObjectAcl: ["PutObjectAcl"],
  PutObjectLegalHold: ["PutObjectLegalHold"],
  PutObjectRetention: ["PutObjectRetention"],
  PutObjectTagging: ["PutObjectTagging"],
  UploadPart: ["PutObject"],
  UploadPartCopy: ["PutObject"],
};

/** Actions that have a second name for versions. */
export const OF_VERSIONS: Readonly<Record<string, string>> = {
  DeleteObject: "DeleteObjectVersion",
  DeleteObjectTagging: "DeleteObjectVersionTagging",
  GetObject: "GetObjectVersion",
  GetObjectAcl: "GetObjectVersionAcl",
  GetObjectAttributes: "GetObjectVersionAttributes",
  GetObjectTagging: "GetObjectVersionTagging",
  PutObjectAcl: "PutObjectVersionAcl",
  PutObjectTagging: "PutObjectVersionTagging",
};

/** Actions of operations that are in no table, and actions beside an operation's own. */
const OTHERS = ["BypassGovernanceRetention", "CreateBucket", "ListAllMyBuckets", "TagResource"];

/**
 * Operations whose demands are known.
 *
 * @public for the test that holds each against AWS's Service Authorization Reference.
 */
export const S3_OPERATIONS: readonly string[] = [
  ...Object.keys(ON_BUCKETS),
  ...Object.keys(ON_OBJECTS),
  ...["CreateBucket", "DeleteObjects", "ListBuckets"],
];

/** Actions that they take, as policies write them. */
export const S3_ACTIONS: readonly string[] = [
  ...Object.values(ON_BUCKETS),
  ...Object.values(ON_OBJECTS).flat(),
  ...Object.values(OF_VERSIONS),
  ...OTHERS,
].map((action) => `s3:${action}`);
