import { gzipSync } from "node:zlib";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { powerOff } from "../../../lab/machine/machine-power";
import { consoleOf, shellIn } from "../../../lab/machine/machine-shell";
import { createVolume } from "../../../lab/volume/volume";
import { cases, isBooted } from "../../level";
import { boot, dockerOnVolume, metadata, newId } from "../lab-harness";
import { waitForBoot } from "./boot";

jest.setTimeout(120_000);

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => stopLab(lab));

const service = "http://169.254.169.254";
const getToken = `curl --silent --max-time 10 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${service}/latest/api/token`;
const get = (path: string) =>
  `curl --silent --header "X-aws-ec2-metadata-token: $(${getToken})" ${service}/latest/${path}`;

it("answers each machine about itself, with a token only", async () => {
  const role = {
    name: "worker",
    credentials: () => ({ accessKeyId: "ASIA1", secretAccessKey: "s", token: "t", expiration: "2026-01-01T06:00:00Z" }),
  };
  const one = await boot(lab, { metadata: { ...metadata, tags: { Name: "one" }, role } });
  const two = await boot(lab);
  await expect(
    shellIn(one, `curl --silent --output /dev/null --write-out '%{http_code}' ${service}/latest/meta-data/instance-id`),
  ).resolves.toBe("401");
  await expect(shellIn(one, get("meta-data/instance-id"))).resolves.toBe(one.spec.id);
  await expect(shellIn(two, get("meta-data/instance-id"))).resolves.toBe(two.spec.id);
  await expect(shellIn(one, get("meta-data/tags/instance/Name"))).resolves.toBe("one");
  await expect(shellIn(one, get("meta-data/iam/security-credentials/worker"))).resolves.toContain("ASIA1");
  const stolen = (await shellIn(one, getToken)).trim();
  await expect(
    shellIn(
      two,
      `curl --silent --output /dev/null --write-out '%{http_code}' --header 'X-aws-ec2-metadata-token: ${stolen}' ${service}/latest/`,
    ),
  ).resolves.toBe("401");
  await Promise.all([powerOff(one), powerOff(two)]);
});

it.each([
  { hopLimit: 1, reached: "out of reach\n" },
  { hopLimit: 2, reached: "a token\n" },
])("a container on a bridge gets a token with hop limit $hopLimit: $reached", async ({ hopLimit, reached }) => {
  const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 2 });
  const machine = await boot(lab, {
    metadata: { ...metadata, hopLimit },
    volumes: [{ volume, deviceName: "/dev/sdf" }],
    userData: dockerOnVolume,
  });
  await waitForBoot(machine);
  // The image holds next to nothing: the machine's own tools, on the container's own network.
  const answer = await shellIn(
    machine,
    `docker run --rm --volume /usr:/usr --volume /lib:/lib --volume /bin:/bin --volume /etc:/etc tiny /bin/bash -c \
       'answer=$(${getToken.replaceAll("'", '"')}) && [[ \${#answer} -gt 20 ]] && echo a token || echo out of reach'`,
  );
  expect(answer).toContain(reached);
  await powerOff(machine);
});

const mime = [
  'Content-Type: multipart/mixed; boundary="part"',
  "MIME-Version: 1.0",
  "",
  "--part",
  'Content-Type: text/cloud-config; charset="us-ascii"',
  "",
  "#cloud-config",
  "write_files: [{ path: /etc/written, content: by-cloud-config }]",
  "--part",
  'Content-Type: text/x-shellscript; charset="us-ascii"',
  "",
  "#!/bin/bash",
  'echo "ran as $(id --user --name) with $(cat /etc/written)"',
  "--part--",
  "",
].join("\n");

it.each(cases(["bookworm", "trixie", "forky"], isBooted))(
  "on %s user data may be a script, gzipped, or MIME in parts",
  async (image) => {
    const script = "#!/bin/sh\necho ran as $(id -un) with nothing\n";
    const cases = [
      { userData: Buffer.from(script), said: "ran as root with nothing" },
      { userData: gzipSync(script), said: "ran as root with nothing" },
      { userData: gzipSync(mime), said: "ran as root with by-cloud-config" },
    ];
    for (const { userData, said } of cases) {
      const machine = await boot(lab, { image, userData });
      await waitForBoot(machine);
      expect(consoleOf(machine)).toContain(said);
      await expect(shellIn(machine, "cat /var/log/cloud-init-output.log")).resolves.toContain(said);
      await powerOff(machine);
    }
  },
);
