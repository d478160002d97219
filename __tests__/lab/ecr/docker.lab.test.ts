/** Docker's own client in front of ECR: what it does with links to layers, refusals, and names that are not there. */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import { cases, isBooted } from "../../level";
import { boot } from "../lab-harness";
import { waitForBoot } from "../machine/boot";
import { allow, digestOf, type EcrLab, ecrApi, HOST, logIn, logInOn, startEcrLab, stopEcrLab } from "./ecr-lab";

jest.setTimeout(180_000);

const RIGHTS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"].concat([
  ...["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"],
]);

describe.each(cases(["bookworm", "trixie", "forky"] as const, isBooted))("Docker of %s", (image) => {
  let lab: EcrLab;
  let machine: Machine;
  beforeAll(async () => {
    lab = await startEcrLab();
    for (const repositoryName of ["app", "closed"]) await ecrApi(lab, "CreateRepository", { repositoryName });
    machine = await boot(lab.lab, { image });
    await waitForBoot(machine);
    await shellIn(machine, "docker pull --quiet registry.lab/base:1", { timeoutSeconds: 120 });
  });
  afterAll(() => lab && stopEcrLab(lab));

  /** What Docker says of a push or a pull of this name; its last lines. */
  const say = (command: "push" | "pull", name: string) =>
    shellIn(machine, `(docker ${command} ${HOST}/${name} 2>&1 || echo "status $?") | tail --lines=3`, {
      timeoutSeconds: 120,
    });
  const tag = (name: string) => shellIn(machine, `docker tag registry.lab/base:1 ${HOST}/${name}`);

  it("is refused without a login", async () => {
    await tag("app:1");
    await expect(say("push", "app:1")).resolves.toMatch(/no basic auth credentials|401|[Nn]ot [Aa]uthorized/);
  });

  it("pushes, and pulls what was pushed", async () => {
    await logInOn(machine, await logIn(lab, "ci", [allow(RIGHTS, "app")]));
    const pushed = await say("push", "app:1");
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
    const { images } = await ecrApi<{ images: { imageManifest: string }[] }>(lab, "BatchGetImage", {
      repositoryName: "app",
      imageIds: [{ imageTag: "1" }],
    });
    expect(digestOf(images[0]?.imageManifest ?? "")).toBe(digest);
    await shellIn(machine, `docker image rm ${HOST}/app:1 registry.lab/base:1`);
    await expect(say("pull", "app:1")).resolves.toContain(`Downloaded newer image for ${HOST}/app:1`);
    await expect(shellIn(machine, `docker run --rm --network none ${HOST}/app:1`)).resolves.toBe("hello from base\n");
  });

  it("hears which action it may not do, and which repository is not there", async () => {
    await shellIn(machine, `docker tag ${HOST}/app:1 ${HOST}/closed:1`);
    await expect(say("push", "closed:1")).resolves.toMatch(
      /is not authorized to perform: ecr:\w+ on resource: \S+repository\/closed/,
    );
    await logInOn(machine, await logIn(lab));
    await shellIn(machine, `docker tag ${HOST}/app:1 ${HOST}/nowhere:1`);
    await expect(say("push", "nowhere:1")).resolves.toMatch(
      /name unknown: The repository with name 'nowhere' does not/,
    );
    await expect(say("pull", "nowhere:2")).resolves.toMatch(/nowhere.*(name unknown|does not exist|not found)/);
  });
});
