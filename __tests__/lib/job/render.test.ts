import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { JOB_SETTINGS, renderJob } from "../../../lib/job/render";

const run = (text: string, ...words: string[]) =>
  spawnSync("bash", ["-c", text, "script", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

test.each(["image", "buildx"] as const)("%s decodes the settings in front of it, and no others", (name) => {
  const main = readFileSync(`lib/job/${name}/main.sh`, "utf8");
  const [, names = ""] = /^job_settings=\((.*)\)$/m.exec(main) ?? [];
  expect(names.split(" ").sort()).toEqual(Object.keys(JOB_SETTINGS[name]).sort());
});

test("settings of any characters arrive as they are; without them the line is empty, whatever the environment says", () => {
  const repository = "team/äpp 'x' \"$(touch y)\"";
  const [first, second] = renderJob("image", { job_set_repository: repository }).split("\n");
  expect([first, second]).toEqual([
    "#!/usr/bin/env bash",
    `job_set_repository='${Buffer.from(repository).toString("base64")}'`,
  ]);
  for (const setting of Object.keys(JOB_SETTINGS.image)) expect(renderJob("image")).toContain(`\n${setting}=''\n`);
});

test("the same settings make the same bytes, in an order of their own; the script is valid bash", () => {
  const settings = { job_set_region: "eu-west-1", job_set_repository: "a" };
  const turned = { job_set_repository: "a", job_set_region: "eu-west-1" };
  expect(renderJob("image", settings)).toBe(renderJob("image", turned));
  expect(run(renderJob("image", settings), "--help")).toMatchObject({ status: 0, stderr: "" });
});

const LAYERS = {
  job_set_entry: "ci",
  job_set_region: "eu-west-1",
  job_set_backend: "s3",
  job_set_account: "123456789012",
};

test("buildx, as it is rendered, prints the line, with the settings in front of it", () => {
  const script = renderJob("buildx", { ...LAYERS, job_set_protected: "main", job_set_builder: "layers" });
  const words = ["--print", "--app", "shop", "--branch", "main", "--", "."];
  const place =
    "type=s3,region=eu-west-1,bucket=docker-cache-ci-123456789012-eu-west-1,prefix=ci/,name=default/shop/main-0d6e4079e36703eb";
  expect(run(script, ...words)).toMatchObject({
    status: 0,
    stdout: `docker buildx build --builder layers --cache-to ${place},mode=max,ignore-error=true --cache-from ${place} .\n`,
    stderr: "",
  });
});

test("buildx, as it is rendered, has the programs for jq whole", () => {
  const functions = renderJob("buildx", LAYERS).replace(/main "\$@"\n$/, "");
  for (const [name, options, input] of [
    ["print_progress_program", "-R -n -r", "text"],
    ["print_failure_program", "--argjson layers null --arg repository ''", '{"failed":[],"based":[],"unfinished":[]}'],
  ]) {
    const written = run(`${functions}\n${name}`).stdout;
    expect(written).toBe(
      run(`source lib/job/buildx/${name === "print_failure_program" ? "failure" : "progress"}.sh; ${name}`).stdout,
    );
    expect(run(`jq ${options} "$1" <<<'${input}'`, written)).toMatchObject({ status: 0, stderr: "" });
  }
});
