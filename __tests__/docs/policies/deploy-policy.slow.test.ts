/**
 * The policies in docs/policies allow what Terraform really calls to apply, read and destroy every stack with everything switched on. Terraform works in
 * the name of a role that has these policies and no others. The lab judges each call as AWS would: its action, resource, conditions, and passed roles.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureMoto, modelsFolder } from "../../../lab/aws/moto/server";
import { type EmulatedAws, startEmulatedAws } from "../../../lab/aws/server/start";
import { readModels } from "../../../lab/aws/wire/model";
import { iamAction } from "../../../lab/iam/demands";
import { enforcePermissions, type Permissions } from "../../../lab/iam/enforce";
import { apply, destroy, init, type SynthesizedStack, stacksIn } from "../../../lab/product/terraform";
import { type WarmProvider, warmProviderOf } from "../../../lab/provider/warm-provider";
import { PLUGIN_CACHE, TERRAFORM_CACHE } from "../../../lab/tools/project";
import { ensureTerraform } from "../../../lab/tools/terraform";
import { REGION, writeEverything } from "../../../scripts/generate/everything";
import { NOUNS } from "../../../stacks/nouns";
import { type Deployer, deployerOf } from "./deployer";
import { allowedActions, readPolicy } from "./iam";
import { type Recorder, startRecorder } from "./recorder";

/** Needs no permission. */
const FREE = ["sts:GetCallerIdentity"];

let scratch: string;
let aws: EmulatedAws;
let recorder: Recorder;
let permissions: Permissions;
let deployer: Deployer;
/** One that the recorder hears, and that has the deployer's credentials. */
let provider: WarmProvider | undefined;
let stacks: SynthesizedStack[];
const judged = new Set<string>();

const recorded = () => ({ ...aws.env, ...deployer.env, AWS_ENDPOINT_URL: recorder.endpointUrl });

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "docker-cache-deploy-"));
  // A stack keeps its state beside the folder that it is synthesized to.
  const outdir = join(scratch, "cdktf.out");
  writeEverything(outdir);
  stacks = stacksIn(outdir);
  aws = await startEmulatedAws();
  await createLogin();
  permissions = enforcePermissions(aws);
  deployer = await deployerOf(aws.aws, REGION);
  aws.hooks.on("Request", (call) => {
    if (call.accessKeyId === deployer.env.AWS_ACCESS_KEY_ID) judged.add(iamAction(call));
  });
  recorder = await startRecorder(aws.endpointUrl, readModels(await modelsFolder(await ensureMoto())));
  provider = warmProviderOf(recorded());
}, 300_000);

/** The secret of pull-through's example, which its user makes. */
async function createLogin(): Promise<void> {
  const login = JSON.stringify({ username: "ci", accessToken: "x" });
  await aws.aws.call(
    { service: "secretsmanager", action: "CreateSecret", region: REGION },
    { Name: "ecr-pullthroughcache/docker-hub", SecretString: login },
  );
}

afterAll(async () => {
  await provider?.stop();
  await recorder?.stop();
  await aws?.stop();
  rmSync(scratch, { recursive: true, force: true });
}, 120_000);

test.each(NOUNS.map(({ name }) => name))(
  "deploying and destroying %s stacks takes no more than its policy",
  async (noun) => {
    await deployer.attach(`deploy-${noun}`, "deploy-boundary", "deploy-key");
    const options = {
      terraform: await ensureTerraform(TERRAFORM_CACHE),
      env: recorded(),
      provider,
      pluginCache: PLUGIN_CACHE,
    };
    recorder.take();
    const before = permissions.denied.length;
    for (const stack of stacks.filter(({ name }) => name.endsWith(`-${noun}-${REGION}`))) {
      await init(stack, options);
      await apply(stack, options);
      // Begins by reading everything, as a plan does.
      await destroy(stack, options);
    }
    expect(permissions.denied.slice(before)).toEqual([]);
    const called = recorder.take();
    expect(called.length).toBeGreaterThan(10);
    const allowed = allowedActions(readPolicy(`deploy-${noun}`));
    expect(called.filter((action) => !allowed.has(action) && !FREE.includes(action))).toEqual([]);
    expect(called.filter((action) => !judged.has(action))).toEqual([]);
  },
  600_000,
);
