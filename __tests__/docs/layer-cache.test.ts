/** The page on the layer cache: its examples work, and its words on steps and life cycles are what BuildKit and S3 do. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketFaults } from "../../cli/layer-cache/judge-bucket";
import type { LifecycleRule } from "../../cli/layer-cache/s3";
import { ROOT } from "../../lab/tools/project";
import { COMPANIONS } from "../../lib/config/companions/all";
import { parseConfig } from "../../lib/config/load";
import { layerCacheNames } from "../../lib/contract";
import { BUILDX_OPTIONS } from "../../lib/job/buildx-options";
import { renderJob } from "../../lib/job/render";
import { bucketName, repositories } from "../../lib/layer-cache";
import { inWorkspace } from "../lib/job/image/workspace";
import { blocks } from "./pages";

const page = readFileSync(join(ROOT, "docs/layer-cache.md"), "utf8");
const blockOf = (language: string) => blocks(page).find((one) => one.language === language)?.text ?? "";

describe("configuration", () => {
  const sections = blocks(page)
    .filter(({ language, text }) => language === "yaml" && text.startsWith("layer_cache:"))
    .map(({ text }) => text);

  test("is shown", () => expect(sections).toHaveLength(2));

  test.each(sections.map((text, index) => [index + 1, text] as const))("example %d is taken", (_, text) => {
    expect(parseConfig(`regions: { eu-west-1: {} }\n${text}`, "page.yaml", COMPANIONS)).toMatchObject({ ok: true });
  });
});

test("what is made has the names that the page says", () => {
  const named = [
    bucketName("<name>", "<account>", "<region>"),
    ...Object.values(repositories("<name>")),
    ...Object.values(layerCacheNames("<name>", "<region>")),
  ];
  expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("the life cycle for a bucket of one's own is one that the check finds in order", () => {
  const { Rules } = JSON.parse(blockOf("json")) as { Rules: LifecycleRule[] };
  const facts = (rules: LifecycleRule[]) =>
    ({ state: "here", refused: [], settings: { objectLock: null, rules, versioning: null, openTo: [] } }) as const;
  const place = { bucket: "example-layers", region: "eu-west-1", entry: "ci", stack: null };
  expect(bucketFaults(facts(Rules), place)).toEqual([]);
  for (const rule of Rules)
    expect(bucketFaults(facts(Rules.filter((one) => one !== rule)), place).length).toBeGreaterThan(0);
});

/** An instruction of the page's Dockerfile. */
interface Step {
  readonly text: string;
  /** Number of its stage. */
  readonly stage: number;
  /** True if it comes after the ARG of its stage. */
  readonly sees: boolean;
}

function stepsOf(dockerfile: string): Step[] {
  let stage = -1;
  let sees = false;
  return dockerfile.split("\n").flatMap((text) => {
    if (text.startsWith("FROM ")) {
      stage += 1;
      sees = false;
    }
    if (text.startsWith("ARG cache_invalidator")) sees = true;
    return /^(WORKDIR|RUN|COPY) /.test(text) ? [{ text, stage, sees }] : [];
  });
}

type Change = "nothing" | "a source file" | "`go.sum`" | "`cache_invalidator`";

/** True if a change reaches a step by itself. A file of another stage changes with what it is built of, and not with the invalidator. */
function reaches(change: Change, { text, sees }: Step): boolean {
  if (change === "`cache_invalidator`") return sees && text.startsWith("RUN ");
  if (text.startsWith("COPY --from=")) return change !== "nothing";
  if (change === "`go.sum`") return /^COPY (\.|go\.mod go\.sum) /.test(text);
  return change === "a source file" && text.startsWith("COPY . ");
}

/** Steps that run: those that a change reaches, and those behind one of their stage. Seen so with BuildKit 0.34.2, in both orders. */
function ran(steps: readonly Step[], change: Change): number {
  return steps.filter((step, index) =>
    steps.slice(0, index + 1).some((before) => before.stage === step.stage && reaches(change, before)),
  ).length;
}

describe("the order of a Dockerfile", () => {
  const dockerfile = blockOf("dockerfile");
  const steps = stepsOf(dockerfile);
  // The sources come at once, and bring go.mod and go.sum.
  const early = dockerfile
    .replace(/^COPY go\.mod .*\n/m, "")
    .replace(/^COPY \. \.\n/m, "")
    .replace(/^RUN /m, "COPY . .\nRUN ");

  test("its steps are counted", () => {
    const numbers: Readonly<Record<number, string>> = { 6: "Six", 7: "Seven" };
    expect(page).toContain(`${numbers[steps.length]} of these instructions make a step`);
    expect(page).toContain(`${numbers[steps.filter(({ stage }) => stage === 0).length]} layers are in the first stage`);
    expect(stepsOf(early)).toHaveLength(6);
  });

  test.each<Change>(["nothing", "a source file", "`go.sum`", "`cache_invalidator`"])("%s", (change) => {
    expect(page).toContain(`\n| ${change} | ${ran(steps, change)} | ${ran(stepsOf(early), change)} |\n`);
  });
});

const HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const BUCKET = bucketName("ci", "123456789012", "eu-west-1");
const SCRIPT = renderJob("buildx", {
  job_set_entry: "ci",
  job_set_region: "eu-west-1",
  job_set_backend: "s3",
  job_set_account: "123456789012",
  job_set_protected: "main\nrelease/*",
  job_set_builder: "docker-cache",
  job_set_image: "moby/buildkit:buildx-stable-1",
  job_set_keep_gib: "20",
});

/** `feature-x-` and digits of the hash. */
const keyOf = (branch: string) =>
  `${branch.replaceAll("/", "-")}-${createHash("sha256").update(branch).digest("hex").slice(0, 16)}`;

/** What a job's line makes of the script: it is printed, and nothing is done. */
function printed(line: string, environment: Readonly<Record<string, string>>): string {
  const files = { "docker-cache-buildx": SCRIPT };
  const { status, stdout, stderr } = inWorkspace({ files }, (workspace) =>
    workspace.run(["bash", "-ec", line.replace("docker-cache-buildx ", "docker-cache-buildx --print ")], environment),
  );
  // A commit without a branch, which this may be, is told.
  const said = stderr.replace(/^the line writes nothing: the branch is not known; name it by --branch\n/, "");
  expect({ status, said }).toEqual({ status: 0, said: "" });
  return stdout;
}

/** Places in the cache that a line has, without those that are the same in each. */
const places = (line: string) =>
  [...line.matchAll(/--cache-(to|from) \S+,name=([^ ,]+)/g)].map(([, way, name]) => `${way} ${name}`);

type Variables = Readonly<Record<string, string>>;

/** Each CI system: variables of a build of `feature/x`, those that make it a pull request, and its commit. */
const SYSTEMS: Readonly<Record<string, { branch: Variables; request: Variables; commit: string }>> = {
  Buildkite: {
    branch: {
      BUILDKITE: "true",
      BUILDKITE_BRANCH: "feature/x",
      BUILDKITE_PULL_REQUEST: "false",
      BUILDKITE_REPO: "git@example.com:acme/web.git",
    },
    request: { BUILDKITE_PULL_REQUEST: "7" },
    commit: "BUILDKITE_COMMIT",
  },
  "GitHub Actions": {
    branch: {
      GITHUB_ACTIONS: "true",
      GITHUB_REF_NAME: "feature/x",
      GITHUB_REF_TYPE: "branch",
      GITHUB_REF: "refs/heads/feature/x",
      GITHUB_REPOSITORY: "acme/web",
    },
    request: { GITHUB_REF: "refs/pull/7/merge", GITHUB_HEAD_REF: "feature/x", GITHUB_REF_NAME: "7/merge" },
    commit: "GITHUB_SHA",
  },
  GitLab: {
    branch: { GITLAB_CI: "true", CI_COMMIT_BRANCH: "feature/x", CI_PROJECT_PATH: "acme/web" },
    request: { CI_MERGE_REQUEST_IID: "7", CI_COMMIT_BRANCH: "" },
    commit: "CI_COMMIT_SHA",
  },
  CodeBuild: {
    branch: {
      CODEBUILD_BUILD_ID: "web:1",
      CODEBUILD_WEBHOOK_TRIGGER: "branch/feature/x",
      CODEBUILD_SOURCE_REPO_URL: "https://example.com/acme/web.git",
    },
    request: { CODEBUILD_WEBHOOK_TRIGGER: "pr/7" },
    commit: "",
  },
  Jenkins: {
    branch: {
      JENKINS_URL: "https://ci.example.com",
      BRANCH_NAME: "feature/x",
      GIT_URL: "https://example.com/acme/web.git",
    },
    request: { CHANGE_ID: "7" },
    commit: "GIT_COMMIT",
  },
};

describe("CI systems", () => {
  const rows = [...page.matchAll(/^\| ([A-Z]\w+(?: \w+)?) \| (`[A-Z_]+`[^|]*) \| ([^|]+) \| (`[A-Z_]+`) \|$/gm)];

  test("of the table are those that are tried here", () => {
    expect(rows.map(([, system]) => system)).toEqual(Object.keys(SYSTEMS));
  });

  test.each(rows.map(([, system = "", ...cells]) => [system, cells] as const))(
    "%s: branch, pull request and application are found",
    (system, cells) => {
      const { branch, request } = SYSTEMS[system]!;
      const build = "bash docker-cache-buildx -- .";
      const own = (kind: string) => [
        `to branches/web/${kind}`,
        `from branches/web/${kind}`,
        `from default/web/${keyOf("main")}`,
      ];
      expect(places(printed(build, branch))).toEqual(own(keyOf("feature/x")));
      expect(places(printed(build, { ...branch, ...request }))).toEqual(own("pr-7"));
      // The variables that decide are those that the row names.
      const named =
        cells
          .join()
          .match(/[A-Z]+_[A-Z_]+/g)
          ?.map(String) ?? [];
      const without = Object.fromEntries(
        Object.entries({ ...branch, ...request }).filter(([name]) => !named.includes(name)),
      );
      expect(places(printed(build, without))).not.toContain("to branches/web/pr-7");
    },
  );

  /** Lines of the examples that build. */
  const lines = blocks(page)
    .filter(({ language }) => ["yaml", "groovy"].includes(language))
    .flatMap(({ text }) => text.match(/bash docker-cache-buildx .*? \.(?='?$)/gm) ?? []);

  test("have an example each, except CodeBuild", () => expect(lines).toHaveLength(Object.keys(SYSTEMS).length - 1));

  test.each(lines.map((line) => [line] as const))("%s", (line) => {
    const [system] = Object.values(SYSTEMS).filter(({ commit }) => commit && line.includes(commit));
    const environment = { ...system!.branch, [system!.commit]: "c0ffee" };
    // Buildkite's agent reads $$ as $.
    const whole = printed(line.replaceAll("$$", "$"), environment);
    expect(places(whole)[0]).toBe(`to branches/shop/${keyOf("feature/x")}`);
    expect(whole).toMatch(new RegExp(` --push -t ${HOST}/shop:c0ffee \\.\n$`));
  });
});

test("the script's own lines of the page make the line that it describes, in the bucket that it names", () => {
  const line = "bash docker-cache-buildx --app shop --branch main -- --push -t x .";
  const place = `type=s3,region=eu-west-1,bucket=${BUCKET},prefix=ci/,name=default/shop/${keyOf("main")}`;
  expect(printed(line, {})).toBe(
    `docker buildx build --builder docker-cache --cache-to ${place},mode=max,ignore-error=true --cache-from ${place} --push -t x .\n`,
  );
  const [, shown = ""] = /^(bash docker-cache-buildx .* --invalidate .*)$/m.exec(page) ?? [];
  expect(printed(shown, {})).toMatch(/ --build-arg cache_invalidator=\d{4}-\d\d-\d\dT\d{4}:\d\dZ /);
});

test("the page's options are those that the script takes", () => {
  const value = { text: "=eu-west-1", choice: "=max", flag: "", optional: "=x" } as const;
  // --plain is told on standard error.
  const given = BUILDX_OPTIONS.filter(({ name }) => name !== "plain").map(
    ({ name, kind }) => `--${name}${name === "account-id" ? "=123456789012" : value[kind]}`,
  );
  expect(given).toHaveLength(8);
  expect(page).toContain("\n| `--plain` |");
  expect(printed(`bash docker-cache-buildx ${given.join(" ")} -- .`, {})).toContain(
    "--build-arg cache_invalidator=x .",
  );
});
