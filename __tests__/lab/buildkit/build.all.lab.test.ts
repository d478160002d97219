/**
 * A builder of buildx's docker-container driver, made as a user makes it: from BuildKit's image under its usual name, with the defaults of buildx. The
 * image is ours (lab/buildkit); Docker, buildx and runc are Debian's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab, stopLab } from "../../../lab/machine/lab";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { startRegistry } from "../../../lab/registry/lab-registry";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { withBuildkit } from "./with-buildkit";

jest.setTimeout(300_000);

/** What is built is pushed here, and pulled. */
const TARGET = "registry.lab/built";
const VERSION = readFileSync(join(__dirname, "../../../lab/buildkit/go.mod"), "utf8").match(
  /github\.com\/moby\/buildkit (v\S+)/,
)?.[1];

const CREATE = "docker buildx create --name made --driver docker-container --bootstrap";

/** Builds and pushes an image that says `word`; returns what BuildKit said. */
function build(machine: Machine, word: string): Promise<string> {
  return shellIn(
    machine,
    `mkdir --parents /root/context
cat >/root/context/Dockerfile <<'DOCKERFILE'
FROM registry.lab/base:1
RUN echo ${word} >/word && mkdir /made
CMD ["cat", "/word"]
DOCKERFILE
docker buildx build --builder made --progress plain --tag ${TARGET}:${word} --push /root/context 2>&1`,
    { timeoutSeconds: 240 },
  );
}

/** The number of BuildKit's step that runs a command, and if its result was there before. */
const RAN = /^#(\d+) \[2\/2\] RUN .*\n(?:(?!#\1 ).*\n)*#\1 DONE/m;
const CACHED = /^#(\d+) \[2\/2\] RUN .*\n#\1 CACHED/m;

withBuildkit.describe.each(["trixie", "forky"])("buildx of %s", (image) => {
  let lab: Lab;
  let machine: Machine;
  beforeAll(async () => {
    lab = await startLab();
    await startRegistry(lab.run);
    machine = await boot(lab, { image });
    await waitForBoot(machine);
  });
  afterAll(() => stopLab(lab));

  it("makes a builder from the usual image, under an init process", async () => {
    await shellIn(machine, CREATE, { timeoutSeconds: 120 });
    const format = "{{.Config.Image}} {{.HostConfig.Init}}";
    const made = `docker inspect --format '${format}' buildx_buildkit_made0
      cat /proc/$(docker inspect --format '{{.State.Pid}}' buildx_buildkit_made0)/comm
      docker buildx inspect made`;
    await expect(shellIn(machine, made)).resolves.toMatch(
      new RegExp(`^moby/buildkit:buildx-stable-1 true\\ndocker-init\\n[\\s\\S]*\\nBuildKit.*: +${VERSION}\\n`, "i"),
    );
  });

  it("builds with it, and pushes an image that runs", async () => {
    await expect(build(machine, "first")).resolves.toMatch(RAN);
    await expect(shellIn(machine, `docker run --rm --network none ${TARGET}:first 2>/dev/null`)).resolves.toBe(
      "first\n",
    );
  });

  it("has its state beside it: another builder of that name builds no step again, unless it has changed", async () => {
    await shellIn(machine, `docker buildx rm --keep-state made && ${CREATE}`, { timeoutSeconds: 120 });
    await expect(build(machine, "first")).resolves.toMatch(CACHED);
    const other = await build(machine, "second");
    expect(other).toMatch(RAN);
    expect(other).not.toMatch(CACHED);
  });
});
