/** Resources of the companions, by real Terraform: what moto lacks of them is the front's. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Emulated, startEmulated } from "./emulated";
import { terraformIn } from "./terraform";

jest.setTimeout(300_000);

let aws: Emulated;
let terraform: ReturnType<typeof terraformIn>;
const CHANGED = "-var=changed=true";
beforeAll(async () => {
  aws = await startEmulated();
  terraform = terraformIn(join(__dirname, "companions"), aws);
  await terraform.must("init", "-input=false");
  await terraform.must("apply", "-auto-approve", "-input=false");
});
afterAll(async () => {
  if (terraform) rmSync(terraform.folder, { recursive: true, force: true });
  await aws?.stop();
});

test("a second plan says: no changes", async () => {
  expect(await terraform.changes()).toBe("");
});

test("each is changed in place, and a plan of the change is empty afterwards", async () => {
  const plan = await terraform.changes(CHANGED);
  expect(plan).toMatch(/Plan: 0 to add, [1-9]\d* to change, 0 to destroy/);
  await terraform.must("apply", "-auto-approve", "-input=false", CHANGED);
  expect(await terraform.changes(CHANGED)).toBe("");
});

test("it is all destroyed", async () => {
  await terraform.must("destroy", "-auto-approve", "-input=false");
  const { creationTemplates } = aws.regions["eu-west-1"] ?? {};
  expect({ creationTemplates }).toEqual({ creationTemplates: {} });
});
