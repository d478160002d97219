import { awsPorts, createClients } from "../../../lambda-src/router/aws";
import { TAG } from "../../../lib/contract";

/** Ports over clients that answer this to every command, and the commands' inputs. */
function answering(answer: object) {
  const inputs: object[] = [];
  const send = async ({ input }: { input: object }) => {
    inputs.push(input);
    return answer;
  };
  return { inputs, ports: awsPorts({ ec2: { send }, lambda: { send } } as never) };
}

test("asks by two filters, in one call without pages", async () => {
  const { inputs, ports } = answering({});
  await expect(ports.listMarked(["snap-1", "snap-2"])).resolves.toEqual([]);
  expect(inputs).toEqual([
    {
      OwnerIds: ["self"],
      Filters: [
        { Name: "snapshot-id", Values: ["snap-1", "snap-2"] },
        { Name: "tag-key", Values: [TAG.name] },
      ],
    },
  ]);
});

test("takes what EC2 leaves out as empty", async () => {
  const { ports } = answering({ Snapshots: [{}, { SnapshotId: "snap-1", Tags: [{}, { Key: "a", Value: "b" }] }] });
  await expect(ports.listMarked(["snap-1"])).resolves.toEqual([
    { id: "", tags: {} },
    { id: "snap-1", tags: { "": "", a: "b" } },
  ]);
});

test("lives in the machine's time, and tries a call three times at most", async () => {
  const { ports } = answering({});
  expect(Math.abs(ports.now() - Date.now())).toBeLessThan(1000);
  const { ec2, lambda } = createClients("eu-west-1") as { ec2: never; lambda: never };
  for (const { config } of [ec2, lambda] as { config: { maxAttempts(): Promise<number> } }[])
    await expect(config.maxAttempts()).resolves.toBe(3);
});
