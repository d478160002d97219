import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import { powerOff } from "../../../lab/machine/machine-power";
import { consoleOf, shellIn } from "../../../lab/machine/machine-shell";
import { createVolume } from "../../../lab/volume/volume";
import { renderWorker } from "../../../lib/userdata/render";
import { cases, isBooted } from "../../level";
import { boot, newId } from "../lab-harness";
import { waitForBoot } from "./boot";

jest.setTimeout(300_000);

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => stopLab(lab));

const userData = renderWorker({
  CACHE_NAME: "main",
  CACHE_ARCHITECTURE: "x86_64",
  IMAGE_STORE: "overlay2",
  TIMEOUT_SECONDS: "20",
  MIN_FREE_GIB: "1",
  HYDRATE: "hot",
  USER_SCRIPT: "#!/bin/bash\necho the consumer: $(docker info --format '{{.DockerRootDir}}')\n",
});

describe.each(cases(["bookworm", "trixie", "forky"], isBooted))(
  "the worker's user data, as it ships, on %s",
  (image) => {
    it.each([
      { what: "no cache device mapped", mapped: false, reason: "no cache device was mapped at launch" },
      { what: "a blank volume mapped", mapped: true, reason: "no disk with a file system labelled docker-cache" },
    ])("starts Docker without the cache with $what, and says so", async ({ mapped, reason }) => {
      const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 1 });
      const machine = await boot(lab, { image, userData, volumes: mapped ? [{ volume, deviceName: "/dev/sdf" }] : [] });
      await waitForBoot(machine);
      expect(consoleOf(machine)).toContain("the consumer: /var/lib/docker");
      expect(JSON.parse(await shellIn(machine, "cat /run/docker-cache/status.json"))).toMatchObject({
        state: "cold",
        reason,
      });
      await powerOff(machine);
    });
  },
);
