import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import * as contract from "../../../lib/contract";
import { settingLine } from "../../../lib/userdata/render";
import { BUILDER_SETTINGS, WORKER_SETTINGS } from "../../../lib/userdata/settings";

const folder = join(__dirname, "../../../lib/userdata");

/** Runs bash with the settings' file loaded and the given lines in front. */
function bash(script: string, options: { lines?: readonly string[]; locale?: string } = {}): Buffer {
  const text = [...(options.lines ?? []), `. ${folder}/shared/settings.sh`, script].join("\n");
  return execFileSync("bash", ["--norc", "-o", "errexit", "-o", "nounset", "-s"], {
    input: text,
    env: { PATH: process.env.PATH, LC_ALL: options.locale ?? "C" },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

describe("settings", () => {
  test.each([
    ["builder/boot", BUILDER_SETTINGS, "BUILDER_SETTINGS"],
    ["worker", WORKER_SETTINGS, "WORKER_SETTINGS"],
  ])("the %s's script reads exactly what Terraform hands over, in the same order", (noun, settings, array) => {
    const printed = bash(
      `. "$(find ${folder}/${noun} -name settings.sh)"; printf '%s\\n' "\${COMMON_SETTINGS[@]}" "\${${array}[@]}"`,
    );
    // The consumer's script is gzipped and unpacked where it is run.
    const expected = Object.keys(settings).filter((name) => name !== "USER_SCRIPT");
    expect(printed.toString().trim().split("\n")).toEqual(expected);
  });

  test("every setting is used by the script it is handed to", () => {
    for (const [noun, settings] of Object.entries({ builder: BUILDER_SETTINGS, worker: WORKER_SETTINGS })) {
      const text = bash(
        `find ${folder}/shared ${folder}/${noun} -name "*.sh" -exec cat {} + | grep -v _SETTINGS=`,
      ).toString();
      for (const name of Object.keys(settings))
        expect(`${noun} ${new RegExp(`\\b${name}\\b`).test(text)} ${name}`).toBe(`${noun} true ${name}`);
    }
  });

  test.each(["C", "C.UTF-8"])("any bytes survive the export line and the decoding (%s)", (locale) => {
    const value = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)));
    const tricky = fc
      .constantFrom("\n\n", "'", "\\", "$(id)", "`id`", "${x}", "%{ x }", "\r\n", "x\n", "-n", "é", "")
      .map((text) => Buffer.from(text));
    fc.assert(
      fc.property(fc.array(fc.oneof(value, tricky), { minLength: 1, maxLength: 12 }), (values) => {
        const names = values.map((_, index) => `S${index}`);
        const lines = values.map((bytes, index) => settingLine(`S${index}`, bytes.toString("base64")));
        const printed = bash(
          `decode_settings ${names.join(" ")}; printf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`,
          {
            lines,
            locale,
          },
        );
        expect(printed.equals(Buffer.concat(values.flatMap((bytes) => [bytes, Buffer.of(0)])))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("a decoded setting is not in the environment of what is started", () => {
    const lines = [settingLine("SECRET_NAME", Buffer.from("x").toString("base64"))];
    expect(bash('decode_settings SECRET_NAME; env; echo "$SECRET_NAME"', { lines }).toString()).not.toContain(
      "SECRET_NAME",
    );
  });

  test("the contract's values are the same in TypeScript and in bash", () => {
    const names = [
      "MOUNT_POINT",
      "FILE_SYSTEM_LABEL",
      "MANIFEST_PATH",
      "FACTS_PATH",
      "HOT_SET_PATH",
      "MANIFEST_VERSION",
      "WORKER_METRIC_NAMESPACE",
      "START_METRIC",
      "FALLBACK_METRIC",
      "HYDRATION_METRIC",
      "ECR_HOST",
    ] as const;
    const values = { ...contract, STATUS: contract.STATUS_PATH };
    const printed = bash(
      `. ${folder}/shared/contract.sh; . ${folder}/worker/settings.sh; . ${folder}/builder/registries.sh; STATUS="$RUN/status.json" DATA_ROOT="$MOUNT_POINT/docker" CONTAINERD_ROOT="$MOUNT_POINT/containerd"
      for name in ${[...names, "STATUS", "DATA_ROOT", "CONTAINERD_ROOT"].join(" ")}; do echo "$name=\${!name}"; done`,
    ).toString();
    for (const line of printed.trim().split("\n")) {
      const [name, value] = line.split("=") as [keyof typeof values, string];
      expect(`${name}=${value}`).toBe(`${name}=${values[name]}`);
    }
    expect(printed.trim().split("\n")).toHaveLength(names.length + 3);
  });

  test("the tags and outcomes that the scripts write are those of the contract", () => {
    const text = bash(`find ${folder}/builder -name "*.sh" -exec cat {} +`).toString();
    const known = new Set<string>(Object.values(contract.TAG));
    for (const [key] of text.matchAll(/docker-cache:[a-z-]+/g)) expect(known).toContain(key);
    for (const key of contract.BUILDER_VOLUME_TAGS) {
      const name = key.replace("docker-cache:", "");
      expect(`${name} ${new RegExp(`tag_volume .*\\b${name} `).test(text)}`).toBe(`${name} true`);
    }
    const outcomes = [...text.matchAll(/OUTCOME=([a-z]+)/g)].map(([, outcome]) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(contract.OUTCOMES));
  });
});
