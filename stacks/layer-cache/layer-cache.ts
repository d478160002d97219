/** A layer cache in a region: the bucket or the repositories that builds keep layers in, and the policies of those who read and who write them. */
import { repositoryBase } from "../../lib/layer-cache";
import { Construct, Token } from "../terraform/cdktf";
import { str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { attributeOf, isMaybe, orElse } from "../terraform/maybe";
import { createPolicies } from "./access";
import { createBucket } from "./bucket";
import { createRepositories } from "./repositories";
import { type LayerCacheProps, layerCacheScope } from "./scope";

export class LayerCache extends Construct {
  /** Name of the bucket; null with ECR. */
  readonly bucket: string;
  /** Host and beginning of the repositories, to which `/default` and `/branches` are added; null with S3. Known while planning. */
  readonly repositoryUrl: string;
  readonly readerPolicyArn: string;
  readonly branchWriterPolicyArn: string;
  readonly writerPolicyArn: string;

  constructor(scope: Construct, id: string, props: LayerCacheProps) {
    super(scope, id);
    const { backend, name } = props;
    const entry = inFile(this, "access", () => layerCacheScope(this, props));
    const { current } = entry;
    const bucket = inFile(this, "bucket", () => createBucket(entry));
    inFile(this, "repositories", () => createRepositories(entry));
    const { reader, branchWriter, writer } = inFile(this, "access", () => createPolicies(entry));
    this.readerPolicyArn = reader.arn;
    this.branchWriterPolicyArn = branchWriter.arn;
    this.writerPolicyArn = writer.arn;
    const ours = attributeOf(bucket, "bucket");
    this.bucket = isMaybe(props.bucket) ? str`${orElse(props.bucket, ours)}` : (props.bucket ?? ours);
    const url = `${current.account}.dkr.ecr.${current.region}.${current.dnsSuffix}/${repositoryBase(name)}`;
    this.repositoryUrl = onlyWith("ecr", backend, url);
  }
}

/** A value that is null with another backend. */
function onlyWith(wanted: LayerCacheProps["backend"], backend: LayerCacheProps["backend"], value: string): string {
  if (Token.isUnresolved(backend)) return str`${backend} == ${wanted} ? ${value} : null`;
  return backend === wanted ? value : str`null`;
}
