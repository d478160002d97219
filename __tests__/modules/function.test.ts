/**
 * The rotation function as it is shipped, in a plain Node process as Lambda starts one. It takes the committed file, its handler by name, and clients
 * of the SDK on the wire.
 */
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { SETTINGS } from "../../lab/fake/example-state";
import { BUNDLE_FILE, BUNDLE_HANDLER } from "../../lambda-src/bundle";
import { ROTATION_SETTINGS_VARIABLE, TAG } from "../../lib/contract";

jest.setTimeout(60_000);

const FILE = resolve("modules/rotation/lambda/rotation", BUNDLE_FILE);
const SNAPSHOT = "snap-0123456789abcdef0";

/** Somebody else's snapshot, as EC2 answers. */
const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><snapshotSet><item>
<snapshotId>${SNAPSHOT}</snapshotId><volumeId>vol-0c</volumeId><status>completed</status><startTime>2026-11-21T12:00:00.000Z</startTime>
<progress>100%</progress><ownerId>111122223333</ownerId><volumeSize>50</volumeSize><storageTier>standard</storageTier>
<tagSet><item><key>${TAG.name}</key><value>another</value></item></tagSet>
</item></snapshotSet></DescribeSnapshotsResponse>`;

/** Services whose calls arrived, by the name that the signature has. */
const called = new Set<string>();
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const service = /Credential=[^/]+\/\d{8}\/eu-west-1\/([a-z0-9-]+)\/aws4_request/.exec(
        request.headers.authorization ?? "",
      );
      called.add(service?.[1] ?? "unsigned");
      if (body.includes("Action=DescribeSnapshots") && body.includes(SNAPSHOT)) {
        response.writeHead(200, { "content-type": "text/xml;charset=UTF-8" }).end(ANSWER);
      } else if (service?.[1] === "ssm") {
        const refused = { __type: "AccessDeniedException", message: "not for you" };
        response.writeHead(400, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(refused));
      } else {
        response
          .writeHead(403, { "content-type": "text/xml;charset=UTF-8" })
          .end(
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>not for you</Message></Error></Errors><RequestID>r</RequestID></Response>",
          );
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => new Promise((done) => server.close(done)));

/** Gives the handler each of these events in one process; what became of each, and all that was printed beside the log. */
async function invoke(events: readonly unknown[]) {
  const [, name = ""] = BUNDLE_HANDLER.split(".");
  const program = `
    const { ${name}: handler } = await import(${JSON.stringify(FILE)});
    const outcomes = [];
    for (const event of ${JSON.stringify(events)})
      outcomes.push(await handler(event, { awsRequestId: "r" }).then((result) => ({ result }), (error) => ({ error: error.message })));
    process.stdout.write("\\n" + JSON.stringify({ node: process.version, parameters: handler.length, outcomes }) + "\\n");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      [ROTATION_SETTINGS_VARIABLE]: JSON.stringify(SETTINGS),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  await new Promise((done) => child.once("close", done));
  const { stdout, stderr } = said;
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith('{"node":')) throw new Error(`the process ended without outcomes:\n${stdout}${stderr}`);
  return { ...(JSON.parse(last) as { node: string; parameters: number; outcomes: unknown[] }), stderr };
}

test("the shipped file reads what AWS answers, fails where AWS refuses, and has nothing to warn of", async () => {
  const { node, parameters, outcomes, stderr } = await invoke([
    { detail: { event: "createSnapshot", snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${SNAPSHOT}` } },
    {},
  ]);
  expect(node).toBe(process.version);
  // From nodejs24.x on, Lambda refuses a handler that takes a callback.
  expect(parameters).toBeLessThan(3);
  expect(outcomes).toEqual([
    { result: { skipped: true, promoted: null, actions: [] } },
    { error: expect.stringContaining("not for you") },
  ]);
  expect([...called].sort()).toEqual(expect.arrayContaining(["ec2", "ssm"]));
  expect(called).not.toContain("unsigned");
  const old = Number.parseInt(process.versions.node, 10) < 22;
  expect(stderr.match(/^\(node:\d+\) .*$/gm) ?? []).toEqual(
    old ? [expect.stringContaining("NodeVersionSupportWarning")] : [],
  );
});
