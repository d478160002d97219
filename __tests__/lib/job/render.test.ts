import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { JOB_SETTINGS, renderJob } from "../../../lib/job/render";

const run = (text: string, ...words: string[]) =>
  spawnSync("bash", ["-c", text, "script", ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

test("the script decodes the settings that are written in front of it, and no others", () => {
  const main = readFileSync("lib/job/image/main.sh", "utf8");
  const [, names = ""] = /^job_settings=\((.*)\)$/m.exec(main) ?? [];
  expect(names.split(" ").sort()).toEqual(Object.keys(JOB_SETTINGS.image).sort());
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
