/**
 * A stack of one noun in one region: provider, version ranges, state, and the files that travel with it. Nothing in its output names a path of
 * the machine that wrote it.
 */
import { linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Deployment } from "../../lib/config/cell";
import {
  type App,
  ArchiveProvider,
  AwsProvider,
  LocalBackend,
  type Node,
  S3Backend,
  type TerraformElement,
  TerraformOutput,
  TerraformStack,
} from "../terraform/cdktf";
import { type FileContent, filesOf } from "../terraform/files";
import { LogicalNames } from "../terraform/logical-name";
import { REQUIRED_PROVIDERS, REQUIRED_VERSION } from "./versions";

/** The native lock file of the S3 backend came with 1.10. */
const REQUIRED_VERSION_S3 = ">= 1.10.0";

export interface RegionStackProps {
  readonly deployment: Deployment;
  /** Region that the provider works in, e.g. `eu-west-1`. */
  readonly region: string;
  /** True if the stack zips something. */
  readonly archive?: boolean;
}

/** Where each text was first written, by app. */
const firstCopies = new WeakMap<App, Map<FileContent, string>>();

/**
 * Writes a file, or links it to the same text of another stack: the functions' code lies beside every rotation stack. Bytes are never shared, for
 * Terraform writes a function's zip anew where it lies.
 */
function writeShared(app: App, path: string, content: FileContent): void {
  // What an earlier synthesis has left may be shared: it is taken away, never written over.
  rmSync(path, { force: true });
  const copies = firstCopies.get(app) ?? new Map<FileContent, string>();
  firstCopies.set(app, copies);
  const first = copies.get(content);
  if (first === undefined || typeof content !== "string") {
    writeFileSync(path, content);
    copies.set(content, path);
    return;
  }
  try {
    linkSync(first, path);
  } catch {
    // Not every file system has links.
    writeFileSync(path, content);
  }
}

export class RegionStack extends TerraformStack {
  private readonly names = new LogicalNames(this);

  constructor(app: App, id: string, { deployment, region, archive = false }: RegionStackProps) {
    super(app, id);
    new AwsProvider(this, "aws", { region, defaultTags: [{ tags: { ...deployment.tags } }] });
    if (archive) new ArchiveProvider(this, "archive");
    this.addBackend(deployment);
    this.addOverride(
      "terraform.required_version",
      deployment.state.backend === "s3" ? REQUIRED_VERSION_S3 : REQUIRED_VERSION,
    );
    this.addOverride("terraform.required_providers", {
      aws: { ...REQUIRED_PROVIDERS.aws, version: deployment.awsProviderVersion },
      ...(archive && { archive: REQUIRED_PROVIDERS.archive }),
    });
    this.writeFilesBeside(app);
  }

  /** Declares outputs, each called `<prefix>_<name>`. */
  protected outputs(prefix: string, values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new TerraformOutput(this, `${prefix}_${name}`, { value });
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    return this.names.of(element);
  }

  /** Has nothing to prepare: stacks meet through the contract and never refer to one another. cdktf would resolve every element once more. */
  override prepareStack(): void {}

  private addBackend({ state }: Deployment): void {
    const id = this.node.id;
    if (state.backend === "local") {
      // The path is beside cdktf.json, as cdktf has it, but told from the stack's own folder, cdktf.out/stacks/<id>.
      new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
      return;
    }
    new S3Backend(this, {
      bucket: state.bucket,
      key: `${state.keyPrefix}/${id}.tfstate`,
      region: state.region,
      encrypt: true,
      kmsKeyId: state.kmsKeyArn ?? undefined,
    });
    this.addOverride("terraform.backend.s3.use_lockfile", true);
  }

  private writeFilesBeside(app: App): void {
    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        synthesizer.synthesize(session);
        const folder = join(app.outdir, "stacks", this.node.id);
        for (const [path, content] of filesOf(this)) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeShared(app, join(folder, path), content);
        }
      },
    };
  }
}
