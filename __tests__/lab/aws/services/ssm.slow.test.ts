import { DescribeImagesCommand } from "@aws-sdk/client-ec2";
import { GetParameterCommand, PutParameterCommand, paginateGetParameterHistory, SSMClient } from "@aws-sdk/client-ssm";
import { type Emulated, errorOf, REGION, startEmulated } from "../emulated";

let aws: Emulated;
let ssm: SSMClient;
beforeAll(async () => {
  aws = await startEmulated();
  ssm = new SSMClient(aws.config());
}, 120_000);
afterAll(() => aws?.stop());

const put = (Name: string, Value: string, input: object = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: "String", ...input }));

test("a Standard value holds 4096 characters, an Advanced one 8192, none is empty", async () => {
  await put("/long/standard", "x".repeat(4096));
  expect(await errorOf(put("/long/more", "x".repeat(4097)))).toBe("ValidationException");
  await put("/long/advanced", "x".repeat(8192), { Tier: "Advanced" });
  expect(await errorOf(put("/long/most", "x".repeat(8193), { Tier: "Advanced" }))).toBe("ValidationException");
  expect(await errorOf(put("/empty", ""))).toBe("ValidationException");
});

test("a parameter that exists is not overwritten unasked", async () => {
  await put("/pointer", "none");
  expect(await errorOf(put("/pointer", "snap-1"))).toBe("ParameterAlreadyExists");
  expect((await put("/pointer", "snap-1", { Overwrite: true })).Version).toBe(2);
});

test("the history has every value with its version and time, oldest first, in pages", async () => {
  await put("/history", "value 1");
  for (let n = 2; n <= 60; n++) await put("/history", `value ${n}`, { Overwrite: true });
  const seen: [string | undefined, number | undefined, boolean][] = [];
  for await (const page of paginateGetParameterHistory({ client: ssm, pageSize: 50 }, { Name: "/history" })) {
    for (const one of page.Parameters ?? []) seen.push([one.Value, one.Version, one.LastModifiedDate instanceof Date]);
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_unused, n) => [`value ${n + 1}`, n + 1, true]));
});

test.each([
  ["x86_64", "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id", REGION],
  ["arm64", "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id", REGION],
])("the public parameter of the default %s image names an image that EC2 knows", async (Architecture, Name) => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  const { Images } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [Parameter?.Value ?? ""] }));
  expect(Images).toEqual([expect.objectContaining({ Architecture, RootDeviceName: "/dev/xvda" })]);
});
