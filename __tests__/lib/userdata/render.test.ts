import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  base64gzip,
  bundleScript,
  checkUserDataSize,
  renderBuilder,
  renderWorker,
  SCRIPTS,
  USER_DATA_MAXIMUM_BYTES,
  unpackScript,
} from "../../../lib/userdata/render";

const folder = join(__dirname, "../../../lib/userdata");
const golden = join(__dirname, "golden");

const common = { CACHE_NAME: "ci", CACHE_ARCHITECTURE: "x86_64", IMAGE_STORE: "overlay2", DEVICE_NAME: "/dev/sdf" };
const builder = {
  ...common,
  CACHE_VOLUME_ID: "vol-0123456789abcdef0",
  FILE_SYSTEM: "xfs",
  WATCHDOG_MINUTES: "120",
  IMAGES_PARAMETER_PATH: "/docker-cache/ci/x86_64/images",
  REJECTED_PARAMETER: "/docker-cache/ci/x86_64/rejected",
  LOG_GROUP: "/docker-cache/ci/x86_64/builder",
  PARALLEL_PULLS: "4",
  HOT_SET_PERCENT: "20",
};
const worker = { ...common, TIMEOUT_SECONDS: "60", MIN_FREE_GIB: "10", HYDRATE: "all", HYDRATE_RATE_MIBPS: "80" };
const userScript = '#!/usr/bin/env python3\nprint("it\'s ${ours}")\n';

/** Everything that a user may set, set. */
const everything = {
  builder: {
    ...builder,
    CACHE_ARCHITECTURE: "arm64",
    IMAGE_STORE: "containerd",
    FILE_SYSTEM: "ext4",
    HTTP_PROXY_URL: "http://proxy.example:3128",
    HTTPS_PROXY_URL: "http://proxy.example:3128",
    NO_PROXY_HOSTS: ".example,10.0.0.0/8",
    REPLICATE_AT: "03:00",
    REGISTRY_LOGINS: "ghcr.io ci/ghcr\nregistry.example:5000 ci/registry",
    PULL_THROUGH: "docker.io docker-hub\nghcr.io github",
  },
  worker: {
    ...worker,
    IMAGE_STORE: "containerd",
    HYDRATE_RATE_MIBPS: "100",
    HTTPS_PROXY_URL: "http://proxy.example:3128",
    USER_SCRIPT: userScript,
  },
};

/** zlib's output differs between its versions: in a golden file, what is packed is only named. */
const unpacked = (text: string) => text.replace(/^(export \w+)='H4sI[^']*'$/gm, "$1='base64gzip'");

const goldens: Readonly<Record<string, () => string>> = {
  "builder.sh": () => renderBuilder(builder),
  "builder-everything.sh": () => renderBuilder(everything.builder).split("\n# shellcheck")[0]!.concat("\n"),
  "worker.sh": () => bundleScript("worker"),
  "worker-user-data.sh": () => unpacked(renderWorker(worker)),
  "worker-everything-user-data.sh": () => unpacked(renderWorker(everything.worker)),
};

describe("goldens (UPDATE_GOLDENS=1 writes them)", () => {
  test.each(Object.keys(goldens))("%s", (name) => {
    const path = join(golden, name);
    const text = goldens[name]!();
    if (process.env.UPDATE_GOLDENS === "1") writeFileSync(path, text);
    expect(existsSync(path) ? readFileSync(path, "utf8") : "no such file").toBe(text);
  });

  test("no other file is among them", () => expect(readdirSync(golden).sort()).toEqual(Object.keys(goldens).sort()));
});

describe("bundles", () => {
  test.each(["builder", "worker"] as const)("the %s's holds every script of its folders once", (noun) => {
    const listed = SCRIPTS[noun];
    const files = (name: string) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`);
    const expected = [...files("shared"), ...files(noun)].filter(
      (path) => /\.(sh|py)$/.test(path) && path !== "worker/unpack.sh",
    );
    expect([...listed].sort()).toEqual(expected.sort());
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.at(-1)).toBe("shared/call-main.sh");
  });

  test.each(["builder", "worker"] as const)("the %s's is valid bash and defines no function twice", (noun) => {
    const text = bundleScript(noun);
    execFileSync("bash", ["--norc", "-n"], { input: text });
    const functions = [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name]) => name);
    expect(functions.filter((name, index) => functions.indexOf(name) !== index)).toEqual([]);
    expect(functions).toContain("main");
  });

  test("every function says what it does, in a comment above it", () => {
    for (const path of new Set([...SCRIPTS.builder, ...SCRIPTS.worker])) {
      const lines = readFileSync(join(folder, path), "utf8").split("\n");
      lines.forEach((line, index) => {
        const name = (path.endsWith(".py") ? /^def ([a-z_]+)/ : /^([a-z_]+)\(\)/).exec(line)?.[1];
        if (name) expect(`${path} ${name}: ${/^# /.test(lines[index - 1] ?? "")}`).toBe(`${path} ${name}: true`);
      });
    }
  });

  test("no domain of AWS and no ARN stands in them", () => {
    for (const noun of ["builder", "worker"] as const)
      expect(bundleScript(noun)).not.toMatch(/\.amazonaws\.com|arn:aws/);
  });
});

describe("user data", () => {
  test("the worker's unpacks into its bundle, and the consumer's script into itself", () => {
    const text = renderWorker(everything.worker);
    const packed = (name: string) =>
      Buffer.from(text.match(new RegExp(`^export ${name}='([^']*)'$`, "m"))![1]!, "base64");
    expect(gunzipSync(packed("WORKER_SCRIPT")).toString()).toBe(bundleScript("worker"));
    expect(gunzipSync(packed("USER_SCRIPT")).toString()).toBe(userScript);
    expect(text.endsWith(unpackScript())).toBe(true);
    expect(text).toMatch(/^#!\/bin\/bash\nexport CACHE_NAME='Y2k='\n/);
  });

  test("the worker's is ASCII text, so that it can be one part of somebody's own", () => {
    expect(renderWorker(everything.worker)).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test("what bash makes of the worker's: the settings, and the script called with the user data's path", () => {
    const home = mkdtempSync(join(tmpdir(), "user-data-"));
    try {
      const text = renderWorker(everything.worker).replaceAll("/var/lib/docker-cache-worker", home);
      writeFileSync(join(home, "user-data"), text.replace("exec /bin/bash", "exec /bin/echo"));
      const printed = execFileSync("bash", ["--norc", join(home, "user-data"), "boot"], { encoding: "utf8" });
      expect(printed).toBe(`${home}/worker.sh ${home}/user-data boot\n`);
      expect(readFileSync(join(home, "worker.sh"), "utf8")).toBe(bundleScript("worker"));
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test("a script that does not unpack: Docker is started at least", () => {
    const home = mkdtempSync(join(tmpdir(), "user-data-"));
    try {
      const text = renderWorker(worker).replaceAll("/var/lib/docker-cache-worker", home);
      const broken = text.replace(/^(export WORKER_SCRIPT=')(.{400}).*'$/m, "$1$2'").replace("systemctl", "echo");
      writeFileSync(join(home, "user-data"), broken);
      const printed = execFileSync("bash", ["--norc", join(home, "user-data")], { encoding: "utf8", stdio: "pipe" });
      expect(printed).toBe("start docker.service\n");
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  test("the builder's fits when gzipped, with room for long lists", () => {
    expect(gzipSync(renderBuilder(everything.builder)).byteLength).toBeLessThan(USER_DATA_MAXIMUM_BYTES - 256);
  });

  test("the worker's fits as it is, with 5 KiB for a consumer's part", () => {
    expect(renderWorker({ ...everything.worker, USER_SCRIPT: "" }).length).toBeLessThan(
      USER_DATA_MAXIMUM_BYTES - 5 * 1024,
    );
  });

  test("base64gzip is what Terraform's is: gzip in base64", () => {
    expect(gunzipSync(Buffer.from(base64gzip("a ${b} é"), "base64")).toString()).toBe("a ${b} é");
  });

  test("too much is said, with the size, the limit and the way out", () => {
    expect(checkUserDataSize("worker", USER_DATA_MAXIMUM_BYTES)).toBeUndefined();
    const oneMore = USER_DATA_MAXIMUM_BYTES + 1;
    expect(checkUserDataSize("worker", oneMore)).toMatch(/16385 bytes, and EC2 takes 16384: shorten the worker's/);
    expect(checkUserDataSize("builder", oneMore)).toMatch(/16385 bytes, and EC2 takes 16384: name fewer registries/);
  });
});
