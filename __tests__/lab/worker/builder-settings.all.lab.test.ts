/** What an image says of Docker, to a builder: it is followed, or the build fails in dockerd's own words. */
import { startEmulatedAws } from "../../../lab/aws/server/start";
import { startCloud, stopCloud } from "../../../lab/cloud/cloud";
import type { Cloud } from "../../../lab/cloud/types";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { writeSmallImage } from "../registry/small-image";
import { buildCache, createBuilderProfile, REGION } from "./cache-build";

jest.setTimeout(600_000);

const images: Record<string, string> = {};
let aws: Awaited<ReturnType<typeof startEmulatedAws>>;
let cloud: Cloud;
beforeAll(async () => {
  aws = await startEmulatedAws();
  cloud = await startCloud(aws, { regions: [REGION], images });
  await writeSmallImage((await startRegistry(cloud.lab.run)).storage, { name: "small", seed: "1" });
  await createBuilderProfile(cloud);
}, 120_000);
afterAll(async () => {
  if (cloud) await stopCloud(cloud);
  await aws?.stop();
});

/** A build on Debian trixie, whose unit reads /etc/default/docker. */
const build = (name: string, flags: string, daemonJson: object) =>
  buildCache(cloud, images, {
    name,
    machineImage: "trixie-aws",
    imageStore: "overlay2",
    fileSystem: "xfs",
    images: ["registry.lab/small:1"],
    sizeGib: 3,
    before: `mkdir -p /etc/docker
echo "DOCKER_OPTS='${flags}'" >/etc/default/docker
echo '${JSON.stringify(daemonJson)}' >/etc/docker/daemon.json
`,
  });

// Side by side: each takes a minute.
test("flags, and options of other drivers; a daemon.json that is refused; a dockerd that does not start", async () => {
  const flags = "--data-root=/srv/docker --max-concurrent-downloads=7 -s overlay2";
  const [followed, refused, dead, remapped] = await Promise.allSettled([
    build("followed", flags, { "storage-opts": ["dm.basesize=20G"] }),
    build("refused", "", { "no-such-setting": true }),
    build("dead", "--storage-opt=nosuch.option=1", {}),
    build("remapped", "--userns-remap=default", {}),
  ]);
  expect(followed).toMatchObject({ status: "fulfilled" });
  const said = (result: PromiseSettledResult<unknown> | undefined) =>
    String((result as PromiseRejectedResult | undefined)?.reason).replaceAll("\r", "");
  expect(said(refused)).toMatch(/FAILED: .*no-such-setting/);
  expect(said(dead)).toMatch(/FAILED: Docker does not start.*nosuch\.option/);
  expect(said(remapped)).toMatch(/FAILED: userns-remap is set/);
});
