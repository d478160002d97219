/** A lab with all that it can hold, in a process of its own to be killed: says `up RUN_ID` and stays. */
import { startLab } from "../../../lab/machine/lab";
import { createVolume, snapshotVolume } from "../../../lab/volume/volume";
import { boot, dockerOnVolume, newId } from "../lab-harness";
import { waitForBoot } from "../machine/boot";

async function main(): Promise<void> {
  const lab = await startLab();
  const volume = await createVolume(lab.run, { id: newId("vol"), sizeGib: 2 });
  const snapshot = await snapshotVolume(lab.run, volume, newId("snap"));
  const lazy = await createVolume(lab.run, { id: newId("vol"), snapshot, loading: { firstTouchMs: 15 } });
  const volumes = [volume, lazy].map((each, index) => ({ volume: each, deviceName: `/dev/sd${"fg"[index]}` }));
  const machine = await boot(lab, {
    volumes,
    userData: `${dockerOnVolume}docker run --detach tiny /usr/bin/sleep infinity || true\n`,
  });
  await waitForBoot(machine);
  console.log(`up ${lab.run.id}`);
  setInterval(() => undefined, 1000);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
