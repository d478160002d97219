import {
  CreateLaunchTemplateCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AwsError } from "../../../../lab/aws/aws-error";
import type { IncomingCall } from "../../../../lab/aws/hooks";
import { type Emulated, errorOf, REGION, startEmulated } from "../emulated";

let aws: Emulated;
beforeAll(async () => {
  aws = await startEmulated();
}, 120_000);
afterAll(() => aws?.stop());

/** A request signed for a service, signature aside: nobody checks it. */
function send(service: string, path: string, init: { method?: string; headers?: object; body?: string | Buffer } = {}) {
  // Buckets of another region have to name it.
  const scope = `test/20261121/${service === "s3" ? "us-east-1" : REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  return fetch(`${aws.endpointUrl}${path}`, { ...init, headers: { authorization, ...init.headers } });
}

test("what has no handler passes as it came, bytes that are no text too", async () => {
  const body = Buffer.from([0, 255, 254, 10, 13, 128]);
  expect((await send("s3", "/a-bucket", { method: "PUT" })).status).toBe(200);
  expect((await send("s3", "/a-bucket/key%20with%2Fslash", { method: "PUT", body })).status).toBe(200);
  const answer = await send("s3", "/a-bucket/key%20with%2Fslash");
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(body);
  const queue = await send("sqs", "/", {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.CreateQueue" },
    body: JSON.stringify({ QueueName: "q" }),
  });
  // moto makes the URL from the Host header: clients come back to the front.
  expect(await queue.json()).toEqual({ QueueUrl: `${aws.endpointUrl}/123456789012/q` });
});

test("regions are apart", async () => {
  const elsewhere = new SSMClient(aws.config("us-east-1"));
  await new SSMClient(aws.config()).send(new PutParameterCommand({ Name: "/here", Value: "x", Type: "String" }));
  expect(await errorOf(elsewhere.send(new GetParameterCommand({ Name: "/here" })))).toBe("ParameterNotFound");
});

test("any value survives the way through form and XML", async () => {
  const Value = `<a href='x'>&amp; "quoted" ünïcode ${"&".repeat(300)} %41+ line\nbreak\ttab`;
  const Tags = [{ Key: "odd", Value }];
  const request = {
    AvailabilityZone: "eu-west-1a",
    Size: 1,
    TagSpecifications: [{ ResourceType: "volume" as const, Tags }],
  };
  const { VolumeId = "" } = await aws.ec2.send(new CreateVolumeCommand(request));
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
  expect(Volumes?.[0]?.Tags).toEqual(Tags);
});

test("parameters that an operation does not know are refused; a dry run does nothing", async () => {
  const form = new URLSearchParams({ Action: "DescribeVolumes", Version: "2016-11-15", Colour: "red" });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await send("ec2", "/", { method: "POST", body: form.toString(), headers });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("<Code>UnknownParameter</Code>");
  const volume = new CreateVolumeCommand({ AvailabilityZone: "eu-west-1a", Size: 1, DryRun: true });
  expect(await errorOf(aws.ec2.send(volume))).toBe("DryRunOperation");
});

test("a listener sees every call of a client once, in whatever protocol, and may refuse it", async () => {
  const seen: IncomingCall[] = [];
  const ImageId = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";
  const LaunchTemplateData = { ImageId, InstanceType: "m7i.large" as const };
  await aws.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "watched", LaunchTemplateData }));
  const forget = aws.hooks.on("Request", (call) => {
    seen.push(call);
    const denied = ["DescribeInstances", "PutParameter", "ListSchedules"].includes(call.action);
    if (denied) throw new AwsError("AccessDenied", "no", 403);
  });
  const LaunchTemplate = { LaunchTemplateName: "watched" };
  await aws.ec2.send(new RunInstancesCommand({ LaunchTemplate, MinCount: 1, MaxCount: 1 }));
  const ssm = new SSMClient(aws.config());
  const put = new PutParameterCommand({ Name: "/denied", Value: "x", Type: "String" });
  expect(await errorOf(aws.ec2.send(new DescribeInstancesCommand({})))).toBe("AccessDenied");
  expect(await errorOf(ssm.send(put))).toBe("AccessDenied");
  expect(await errorOf(new SchedulerClient(aws.config()).send(new ListSchedulesCommand({ MaxResults: 5 })))).toBe(
    "AccessDenied",
  );
  forget();
  expect(seen.map((call) => `${call.service}:${call.action}`)).toEqual([
    "ec2:RunInstances",
    "ssm:GetParameters",
    "ec2:DescribeInstances",
    "ssm:PutParameter",
    "scheduler:ListSchedules",
  ]);
  expect(seen[0]).toMatchObject({ region: REGION, accessKeyId: "test", input: { LaunchTemplate, MinCount: 1 } });
  expect(seen[4]?.input).toEqual({ MaxResults: "5" });
  expect(await errorOf(ssm.send(new GetParameterCommand({ Name: "/denied" })))).toBe("ParameterNotFound");
});

test("a reset forgets what the front remembers too", async () => {
  expect(Object.keys(aws.regions)).toContain(REGION);
  await fetch(`${aws.endpointUrl}/moto-api/reset`, { method: "POST" });
  expect(aws.regions).toEqual({});
  expect((await aws.ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
});

test("what moto dates is dated by the lab's clock too", async () => {
  const ssm = new SSMClient(aws.config());
  const ec2 = new EC2Client(aws.config());
  const dates = async (name: string) => {
    await ssm.send(new PutParameterCommand({ Name: name, Value: "x", Type: "String" }));
    const launched = await ec2.send(new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 }));
    const volume = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${REGION}a`, Size: 1 }));
    const parameter = await ssm.send(new GetParameterCommand({ Name: name }));
    return [parameter.Parameter?.LastModifiedDate, launched.Instances?.[0]?.LaunchTime, volume.CreateTime];
  };
  for (const name of ["now", "later"]) {
    for (const date of await dates(name))
      expect(Math.abs((date?.getTime() ?? 0) - aws.aws.now().getTime())).toBeLessThan(60_000);
    await aws.pass(30 * 86_400);
  }
});
