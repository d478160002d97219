/**
 * A builder of buildx's docker-container driver, made as a user makes it: from BuildKit's image under its usual name, with the defaults of buildx. The
 * image is ours (lab/buildkit); Docker, buildx and runc are Debian's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { allow, type EcrLab, ecrApi, HOST, logIn, logInOn, startEcrLab, stopEcrLab } from "../ecr/ecr-lab";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { withBuildkit } from "./with-buildkit";

jest.setTimeout(300_000);

/** What is built is pushed here, and pulled. */
const REPOSITORY = "built";
const TARGET = `${HOST}/${REPOSITORY}`;
/** What a role needs for it: BuildKit looks if a layer is there, and pulls what it finds. */
const RIGHTS = [
  ...["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
  ...["ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
];
const VERSION = readFileSync(join(__dirname, "../../../lab/buildkit/go.mod"), "utf8").match(
  /github\.com\/moby\/buildkit (v\S+)/,
)?.[1];

const CREATE = "docker buildx create --name made --driver docker-container --bootstrap";

/** Builds and pushes an image that says `word`; returns what BuildKit said, and the status of a failure. */
function build(machine: Machine, word: string, options = ""): Promise<string> {
  return shellIn(
    machine,
    `mkdir --parents /root/context
cat >/root/context/Dockerfile <<'DOCKERFILE'
FROM registry.lab/base:1
RUN echo ${word} >/word && mkdir /made
CMD ["cat", "/word"]
DOCKERFILE
docker buildx build --builder made --progress plain --tag ${TARGET}:${word} ${options} --push /root/context 2>&1 || echo "status $?"`,
    { timeoutSeconds: 240 },
  );
}

/** The number of BuildKit's step that runs a command, and if its result was there before. */
const RAN = /^#(\d+) \[2\/2\] RUN .*\n(?:(?!#\1 ).*\n)*#\1 DONE/m;
const CACHED = /^#(\d+) \[2\/2\] RUN .*\n#\1 CACHED/m;

withBuildkit.describe.each(["trixie", "forky"])("buildx of %s", (image) => {
  let lab: EcrLab;
  let machine: Machine;
  beforeAll(async () => {
    lab = await startEcrLab();
    await ecrApi(lab, "CreateRepository", { repositoryName: REPOSITORY });
    machine = await boot(lab.lab, { image });
    await waitForBoot(machine);
    await logInOn(machine, await logIn(lab, "ci", [allow(RIGHTS, REPOSITORY)]));
  });
  afterAll(() => lab && stopEcrLab(lab));

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
    const { imageIds } = await ecrApi<{ imageIds: object[] }>(lab, "ListImages", { repositoryName: REPOSITORY });
    expect(imageIds).toContainEqual({ imageDigest: expect.any(String), imageTag: "first" });
  });

  it("has its state beside it: another builder of that name builds no step again, unless it has changed", async () => {
    await shellIn(machine, `docker buildx rm --keep-state made && ${CREATE}`, { timeoutSeconds: 120 });
    await expect(build(machine, "first")).resolves.toMatch(CACHED);
    const other = await build(machine, "second");
    expect(other).toMatch(RAN);
    expect(other).not.toMatch(CACHED);
  });

  it("keeps its cache in ECR, too, as an image's manifest: a builder without any state builds no step again", async () => {
    const anew = `docker buildx rm made && ${CREATE}`;
    const cache = `type=registry,ref=${TARGET}:cache`;
    await shellIn(machine, anew, { timeoutSeconds: 120 });
    await build(machine, "third", `--cache-to ${cache},mode=max,image-manifest=true,oci-mediatypes=true`);
    await shellIn(machine, anew, { timeoutSeconds: 120 });
    await expect(build(machine, "third", `--cache-from ${cache}`)).resolves.toMatch(CACHED);
    // An index of layers is no index of images: ECR refuses it.
    const index = `--cache-to ${cache}-index,mode=max,image-manifest=false`;
    await expect(build(machine, "third", index)).resolves.toMatch(/which the repository does not hold[\s\S]*status 1/);
  });

  it("is refused by ECR what its role may not do, and says what that is", async () => {
    await ecrApi(lab, "CreateRepository", { repositoryName: "other" });
    const push = `docker buildx build --builder made --tag ${HOST}/other:1 --push /root/context 2>&1 || echo "status $?"`;
    await expect(shellIn(machine, push, { timeoutSeconds: 120 })).resolves.toMatch(/ecr:[A-Z]\w+|403[\s\S]*status 1/);
    expect(lab.permissions.denied.at(-1)?.resource).toMatch(/repository\/other$/);
  });
});
