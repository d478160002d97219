import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../lab/tools/project";
import { isLaidOut, isShell, STYLE } from "../../../scripts/gate/shell-files";

test.each([
  ["lab/clean", "#!/usr/bin/env bash", true],
  [".ci/run", "#!/bin/sh", true],
  ["lab/clean", "#!/bin/bash -eu", true],
  ["lab/clean", "#!/bin/sh -e", true],
  ["lab/clean", "#! /bin/sh -e", true],
  ["lab/clean", "#!/usr/bin/env -S bash -e", true],
  ["lab/clean", "#!/usr/bin/env -S LC_ALL=C bash -e -u", true],
  ["scripts/docker-cache", "#!/usr/bin/env node", false],
  ["scripts/docker-cache", "#!/usr/bin/env -S node --import /x/bash", false],
  ["scripts/docker-cache", "#!/usr/bin/python3 sh", false],
  ["scripts/docker-cache", "#!/opt/bash/python", false],
  ["scripts/notes", "the shell is #!/bin/bash", false],
  ["scripts/fish", "#!/usr/bin/env fish", false],
  ["lib/userdata/worker/disk.sh", "", true],
  ["__tests__/lib/userdata/shared.bats", "", true],
  ["docs/usage.md", "#!/bin/sh", false],
  ["modules/worker/worker.sh", "", false],
])("%s that begins with %j: %s", (path, firstLine, expected) => {
  expect(isShell(path, () => firstLine)).toBe(expected);
});

test.each([
  ["lib/userdata/worker/unpack.sh", true],
  ["lib/userdata/builder/content.sh", false],
  ["lib/userdata/worker/disk.sh", true],
  ["__tests__/lib/userdata/golden/worker.sh", false],
])("%s is laid out by shfmt: %s", (path, expected) => {
  expect(isLaidOut(path)).toBe(expected);
});

test("editors are told the same layout", () => {
  const told = readFileSync(join(ROOT, ".editorconfig"), "utf8");
  expect(told).toContain(`indent_size = ${STYLE.indent}\n`);
  expect(told).toContain(`switch_case_indent = ${STYLE.switchCaseIndent}\n`);
});
