/** The table of IAM actions in ports.ts, held against what each port call really sends. */
import { readFileSync } from "node:fs";
import { createClients } from "../../../lambda-src/rotation/aws/clients";
import { awsPorts } from "../../../lambda-src/rotation/aws/ports";
import type { Ports } from "../../../lambda-src/rotation/ports";

/** Port call to IAM action, as the table has it. */
function table(): Record<string, string> {
  const rows = readFileSync("lambda-src/rotation/ports.ts", "utf8").matchAll(/^ \* \| ([\w, ]+?) *\| (\w+:\w+) +\|/gm);
  return Object.fromEntries(
    [...rows].flatMap(([, calls = "", action = ""]) => calls.split(", ").map((call) => [call, action])),
  );
}

/** Calls that ask nobody. */
const OF_THE_CLOCK = ["now", "sleep"];
/** Arguments with which a call sends something; the others take none. */
const ARGUMENTS: Partial<Record<keyof Ports, readonly unknown[]>> = {
  getParameters: [[]],
  listSnapshots: [{}],
  listInstances: [{}],
  listVolumes: [{}],
  listLaunchTemplates: [{}],
  deleteVersions: ["lt-1", [1]],
  tagResources: [["snap-1"], "key", "value"],
  untagResources: [["snap-1"], ["key"]],
  listLatestVersions: [["lt-1"]],
  enableFastRestore: ["snap-1", ["zone"]],
  disableFastRestore: ["snap-1", ["zone"]],
};
const SERVICES = { ec2: "ec2", ssm: "ssm", autoScaling: "autoscaling" } as const;

/** Port call to the IAM action of what it sends. */
async function sent(): Promise<Record<string, string>> {
  const clients = createClients("eu-west-1");
  const found: Record<string, string> = {};
  let call = "";
  for (const [name, client] of Object.entries(clients)) {
    const send = async (command: object) => {
      found[call] = `${SERVICES[name as keyof typeof SERVICES]}:${command.constructor.name.replace(/Command$/, "")}`;
      return {};
    };
    Object.assign(client, { send });
  }
  const ports = awsPorts("eu-west-1", clients);
  for (const [name, run] of Object.entries(ports)) {
    if (typeof run !== "function" || OF_THE_CLOCK.includes(name)) continue;
    call = name;
    await (run as (...given: unknown[]) => Promise<unknown>)(...(ARGUMENTS[name as keyof Ports] ?? ["id"]));
  }
  return found;
}

test("names every call with the action that it sends, and no other", async () => {
  const calls = await sent();
  expect(Object.keys(calls).length).toBeGreaterThan(20);
  expect(table()).toEqual(calls);
});
