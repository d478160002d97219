import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { plugIn, unplug } from "../../../lab/machine/lab-network";
import { startMachine } from "../../../lab/machine/machine";
import { powerOff, removeMachine } from "../../../lab/machine/machine-power";
import { consoleOf, shellIn } from "../../../lab/machine/machine-shell";
import { inRun } from "../../../lab/run/run";
import { createVolume } from "../../../lab/volume/volume";
import { cases, isBooted } from "../../level";
import { boot, dockerOnVolume, newId } from "../lab-harness";
import { reboot, waitForBoot, waitForConsole } from "./boot";

jest.setTimeout(300_000);

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => stopLab(lab));

const generations = [
  { image: "bookworm", engine: /^20\.10\./ },
  { image: "trixie", engine: /^26\.1\./ },
  { image: "forky", engine: /^(2[89]|[3-9]\d)\./ },
] as const;

describe.each(cases(generations, ({ image }) => isBooted(image)))(
  "a machine of generation $image",
  ({ image, engine }) => {
    it("boots, runs its user data, runs a container from a volume as data-root, and powers off", async () => {
      const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 8 });
      const machine = await boot(lab, {
        image,
        volumes: [{ volume, deviceName: "/dev/sdf" }],
        userData: dockerOnVolume,
      });
      await expect(waitForBoot(machine)).resolves.toBe("running");
      expect(consoleOf(machine)).toMatch(/said in a container[\s\S]*said on a bridge/);
      await expect(shellIn(machine, "docker version --format '{{.Server.Version}}'")).resolves.toMatch(engine);
      await expect(
        shellIn(
          machine,
          "findmnt --noheadings --output SOURCE /; docker info --format '{{.DockerRootDir}} {{.Driver}}'",
        ),
      ).resolves.toBe("/dev/nvme0n1p1\n/mnt/cache/docker overlay2\n");
      await expect(shellIn(machine, "grep -c 'said in' /var/log/cloud-init-output.log")).resolves.not.toBe("0\n");
      await expect(powerOff(machine)).resolves.toBe("power-off");
    });
  },
);

it("has the AWS CLI and jq in one image and neither in the other, python3 in both", async () => {
  const [bare, full] = [await boot(lab), await boot(lab, { image: "trixie-aws" })];
  const found = "for tool in aws jq python3 cloud-init; do type -P $tool || true; done";
  await expect(shellIn(bare, found)).resolves.toBe("/usr/bin/python3\n/usr/bin/cloud-init\n");
  await expect(shellIn(full, found)).resolves.toBe(
    "/usr/bin/aws\n/usr/bin/jq\n/usr/bin/python3\n/usr/bin/cloud-init\n",
  );
  await Promise.all([powerOff(bare), powerOff(full)]);
});

it("runs user data once for an instance, over reboots, stops and starts; a mount unit finds its volume again", async () => {
  const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 2 });
  const link = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.id.replace("-", "")}`;
  const userData = `#!/bin/bash
echo once >>/var/once
mkfs.xfs -q ${link}
mkdir /mnt/cache
echo '${link} /mnt/cache xfs nofail 0 0' >>/etc/fstab
systemctl daemon-reload
systemctl start mnt-cache.mount`;
  const machine = await boot(lab, { volumes: [{ volume, deviceName: "/dev/sdf" }], userData });
  await waitForBoot(machine);
  const look =
    "wc -l </var/once; findmnt --noheadings --output SOURCE,FSTYPE /mnt/cache; cat /proc/sys/kernel/random/boot_id";
  const first = await shellIn(machine, look);
  expect(first).toMatch(/^1\n\/dev\/nvme1n1 xfs\n/);

  const bootsSeen = () => [...consoleOf(machine).matchAll(/Reached target cloud-init.target/g)].length;
  await reboot(machine);
  await waitForConsole(machine, /(Reached target cloud-init.target[\s\S]*){2}/, 120);
  const second = await shellIn(machine, look);
  expect(second).toMatch(/^1\n\/dev\/nvme1n1 xfs\n/);
  expect(second).not.toBe(first);

  await expect(powerOff(machine)).resolves.toBe("power-off");
  await startMachine(machine);
  await waitForConsole(machine, /(Reached target cloud-init.target[\s\S]*){3}/, 120);
  expect(bootsSeen()).toBe(3);
  await expect(shellIn(machine, look)).resolves.toMatch(/^1\n\/dev\/nvme1n1 xfs\n/);
  await powerOff(machine);
});

it("has the kernel's block tracer to itself", async () => {
  const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 1 });
  const machine = await boot(lab, { volumes: [{ volume, deviceName: "/dev/sdf" }] });
  const other = await boot(lab);
  await Promise.all([waitForBoot(machine), waitForBoot(other)]);
  const tracer = "/sys/kernel/tracing/instances/docker-cache";
  await shellIn(machine, `echo 1 >${tracer}/events/block/block_rq_issue/enable`);
  await shellIn(machine, "dd if=/dev/nvme1n1 of=/dev/null bs=4K skip=10 count=1 iflag=direct status=none");
  const device = (await shellIn(machine, "cat /sys/block/nvme1n1/dev")).trim().replace(":", ",");
  await expect(shellIn(machine, `cat ${tracer}/trace`)).resolves.toMatch(
    new RegExp(`block_rq_issue: ${device} RS? 4096 \\(\\) 80 \\+ 8 `),
  );
  await expect(
    shellIn(
      other,
      `cat ${tracer}/events/block/block_rq_issue/enable; grep --count block_rq_issue ${tracer}/trace || true`,
    ),
  ).resolves.toBe("0\n0\n");
  await Promise.all([powerOff(machine), powerOff(other)]);
});

it("can be removed when it is off", async () => {
  const machine = await boot(lab);
  await expect(removeMachine(machine)).rejects.toThrow("power it off first");
  await powerOff(machine);
  await removeMachine(machine);
  expect(existsSync(machine.controlGroup)).toBe(false);
  await expect(inRun(lab.run, ["ip", "netns", "list"])).resolves.not.toContain(machine.place.namespace);
  await expect(inRun(lab.run, ["ls", join(lab.run.store, "volumes")])).resolves.not.toContain(machine.rootVolume.id);
});

it("reaches the lab's services at one hardware address, whatever machines come and go", async () => {
  const address = async () =>
    /[0-9a-f]{2}(:[0-9a-f]{2}){5}/.exec(await inRun(lab.run, ["ip", "-brief", "link", "show", "lab0"]))?.[0];
  const before = await address();
  const places = await Promise.all([1, 2, 3, 4].map((number) => plugIn(lab.run, lab.nextNumber() + 1000 * number)));
  await expect(address()).resolves.toBe(before);
  for (const place of places) await unplug(lab.run, place);
  await expect(address()).resolves.toBe(before);
});

it("has no way out of the lab", async () => {
  const machine = await boot(lab);
  await expect(
    shellIn(machine, "curl --silent --show-error --max-time 10 http://192.0.2.1 || echo status $?"),
  ).resolves.toBe("status 7\n");
  await expect(
    shellIn(machine, "getent hosts example.com || echo unknown; getent hosts ec2.eu-west-1.amazonaws.com"),
  ).resolves.toMatch(/^unknown\n10\.0\.0\.2 /);
  await powerOff(machine);
});
