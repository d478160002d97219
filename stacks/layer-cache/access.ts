/**
 * Policies of those who build. Layers are verified by their digests, and manifests are trusted: what a manifest says is what everybody gets who
 * imports it. So manifests of protected branches are the writer's alone (R23).
 */
import { layerCacheNames } from "../../lib/contract";
import { prefixes, repositories } from "../../lib/layer-cache";
import { keepName } from "../parts/keep-name";
import { equals, policyDocument, type Statement, whereEqual, whereGiven } from "../parts/policy";
import { PULL } from "../parts/pull-through";
import { IamPolicy } from "../terraform/cdktf";
import type { LayerCacheScope } from "./scope";

/** What a push takes beside a pull. */
const PUSH = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];
const WRITE = ["s3:AbortMultipartUpload", "s3:PutObject"];

type Role = "reader" | "branchWriter" | "writer";

export function createPolicies(entry: LayerCacheScope) {
  const { scope, props, current, tags, identity } = entry;
  const names = layerCacheNames(props.name, current.region);
  const create = (id: string, role: Role, description: string) =>
    new IamPolicy(scope, `${id}.policy`, {
      name: names[`${role}Policy`],
      path: props.rolePath,
      description,
      policy: policyDocument(scope, `${id}.document`, [
        ...whereEqual(props.backend, "s3", inS3(entry, role)),
        ...whereEqual(props.backend, "ecr", inEcr(entry, role)),
      ]),
      tags: tags(),
      lifecycle: keepName(identity),
    });
  return {
    reader: create("reader", "reader", "Begin builds with the layers of all branches"),
    branchWriter: create("branch_writer", "branchWriter", "Begin builds with all layers, and keep those of branches"),
    writer: create("writer", "writer", "Begin builds with all layers, and keep those of every branch"),
  };
}

/**
 * BuildKit touches a blob by copying it onto itself, which takes no more than to read and to write it. Who may not list a bucket gets 403 for a
 * manifest that is not there, and not 404. That request has no prefix, so a condition on `s3:prefix` would never hold for it: names of all objects
 * in the bucket can be listed, and none of them read.
 */
function inS3({ props, current, bucket }: LayerCacheScope, role: Role): Statement[] {
  const { manifests, branches, blobs } = prefixes(props.name);
  const arn = current.arn("s3", bucket, { region: null, account: null });
  const below = (...keys: readonly string[]) => keys.map((key) => `${arn}/${key}*`);
  const reads: Statement[] = [
    { sid: "ReadLayers", actions: ["s3:GetObject"], resources: below(manifests, blobs) },
    { sid: "TellWhatIsMissing", actions: ["s3:ListBucket"], resources: [arn] },
    ...useOfKey({ props, current }, role === "reader" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"]),
  ];
  if (role === "reader") return reads;
  if (role === "branchWriter")
    return [...reads, { sid: "WriteBranches", actions: WRITE, resources: below(branches, blobs) }];
  return [
    ...reads,
    { sid: "WriteLayers", actions: WRITE, resources: below(manifests, blobs) },
    // An export never replaces a blob that is there: one that is damaged has to go first.
    { sid: "DeleteBlobs", actions: ["s3:DeleteObject"], resources: below(blobs) },
  ];
}

/** S3 uses the key in the name of who calls it, to read and to write (Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys"). */
function useOfKey({ props, current }: Pick<LayerCacheScope, "props" | "current">, actions: string[]): Statement[] {
  return whereGiven(props.kmsKeyArn, (key) => [
    {
      sid: "UseKey",
      actions,
      resources: [key],
      conditions: [equals("kms:ViaService", `s3.${current.region}.${current.dnsSuffix}`)],
    },
  ]);
}

/** Of the key ECR makes grants of its own when it makes a repository: who pulls or pushes takes none (ECR User Guide, "Encryption at rest"). */
function inEcr({ props, current }: LayerCacheScope, role: Role): Statement[] {
  const names = repositories(props.name);
  const arn = (name: string) => current.arn("ecr", `repository/${name}`);
  const both = [arn(names.branches), arn(names.default)];
  const reads: Statement[] = [
    { sid: "PullLayers", actions: PULL, resources: both },
    // One token serves the whole registry, and has no resource level.
    { sid: "LogIn", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  ];
  if (role === "reader") return reads;
  const written = role === "branchWriter" ? [arn(names.branches)] : both;
  return [...reads, { sid: "PushLayers", actions: PUSH, resources: written }];
}
