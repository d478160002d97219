import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { PARAMETER_VALUE_MAXIMUM } from "../../../lib/contract";
import {
  base64gzip,
  bundleScript,
  checkUserDataSize,
  earlyPart,
  mime,
  mimePart,
  plainScript,
  renderBuilder,
  renderLateWorker,
  renderSnippet,
  renderWorker,
  SCRIPTS,
  scriptPart,
  USER_DATA_MAXIMUM_BYTES,
  userScriptLines,
  WORKER_PIECES,
  workerLines,
  workerPiece,
} from "../../../lib/userdata/render";
import { type Machine, madeUpMachine } from "./made-up-machine";
import { parseMime } from "./mime";

const folder = join(__dirname, "../../../lib/userdata");
const golden = join(__dirname, "golden");

const common = { CACHE_NAME: "ci", CACHE_ARCHITECTURE: "x86_64", IMAGE_STORE: "overlay2", DEVICE_NAME: "/dev/sdf" };
const builder = {
  ...common,
  CACHE_VOLUME_ID: "vol-0123456789abcdef0",
  FILE_SYSTEM: "xfs",
  WATCHDOG_MINUTES: "120",
  SCRIPT_PARAMETER_PATH: "/docker-cache/ci/x86_64/script/0123456789abcdef",
  SCRIPT_SHA256: "0123456789abcdef".repeat(4),
  IMAGES_PARAMETER_PATH: "/docker-cache/ci/x86_64/images",
  REJECTED_PARAMETER: "/docker-cache/ci/x86_64/rejected",
  LOG_GROUP: "/docker-cache/ci/x86_64/builder",
  MANIFEST_LOG_GROUP: "/docker-cache/ci/x86_64/manifests",
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
  "builder-user-data.txt": () => renderBuilder(builder),
  // As it runs, for shellcheck: neither half alone uses all that it sets.
  "builder.sh": () => renderBuilder(builder).replace('source "$RUN/build.sh"\n', () => bundleScript("build")),
  "builder-everything.sh": () => renderBuilder(everything.builder).split("\n# shellcheck")[0]!.concat("\n"),
  "worker.sh": () => bundleScript("worker"),
  "worker-user-data.mime": () => unpacked(renderWorker(worker)),
  "worker-everything-user-data.mime": () => unpacked(renderWorker(everything.worker)),
  "worker-late.sh": () => unpacked(renderLateWorker(worker)),
  "worker-everything-late.sh": () => unpacked(renderLateWorker(everything.worker)),
  // Of any shell: it has no first line of its own.
  "worker-snippet.sh": () => unpacked(`#!/bin/sh\n${renderSnippet(worker)}`),
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
  test.each([
    ["builder", [...SCRIPTS.boot, ...SCRIPTS.build]],
    ["worker", SCRIPTS.worker],
  ])("the %s's hold every script of its folders once", (noun, listed) => {
    const files = (name: string) =>
      readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const pieces = WORKER_PIECES.map((name) => `worker/${name}.sh`);
    const expected = [...files("shared"), ...files(noun)].filter((path) => !pieces.includes(path));
    expect([...listed].sort()).toEqual(expected.sort());
    expect(new Set(listed).size).toBe(listed.length);
  });

  test("only the two that are run call main, last of all; the builder's second half is sourced", () => {
    const callers = (["boot", "build", "worker"] as const).filter((name) =>
      SCRIPTS[name].includes("shared/call-main.sh"),
    );
    expect(callers).toEqual(["boot", "worker"]);
    for (const name of callers) expect(SCRIPTS[name].at(-1)).toBe("shared/call-main.sh");
  });

  test.each([
    ["builder", bundleScript("boot") + bundleScript("build")],
    ["worker", bundleScript("worker")],
  ])("the %s's are valid bash and define no function twice", (_, text) => {
    execFileSync("bash", ["--norc", "-n"], { input: text });
    const functions = [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name]) => name);
    expect(functions.filter((name, index) => functions.indexOf(name) !== index)).toEqual([]);
    expect(functions).toContain("main");
  });

  test("every function says what it does, in a comment above it", () => {
    for (const path of new Set([...SCRIPTS.boot, ...SCRIPTS.build, ...SCRIPTS.worker, "worker/later-boots.sh"])) {
      const lines = readFileSync(join(folder, path), "utf8").split("\n");
      lines.forEach((line, index) => {
        const name = (path.endsWith(".py") ? /^def ([a-z_]+)/ : /^([a-z_]+)\(\)/).exec(line)?.[1];
        if (name) expect(`${path} ${name}: ${/^# /.test(lines[index - 1] ?? "")}`).toBe(`${path} ${name}: true`);
      });
    }
  });

  test("nothing is counted by awk: Debian's mawk prints 2147483647 for any larger number", () => {
    for (const name of ["boot", "build", "worker"] as const) expect(bundleScript(name)).not.toMatch(/\b[gm]?awk\b/);
  });

  test("no domain of AWS and no ARN stands in them", () => {
    for (const bundle of ["boot", "build", "worker"] as const)
      expect(bundleScript(bundle)).not.toMatch(/\.amazonaws\.com|arn:aws/);
  });
});

/** What a line `export NAME='…'` of a text has packed. */
function packed(name: string, text: string): string {
  const [, base64] = text.match(new RegExp(`^export ${name}='([^']*)'$`, "m"))!;
  return gunzipSync(Buffer.from(base64!, "base64")).toString();
}

describe("a worker's user data", () => {
  const lines = workerLines(everything.worker);

  test("is MIME, whose parts come out as they went in", () => {
    const parts = [earlyPart(lines), scriptPart(lines)].map(({ contentType: type, ...part }) => ({ type, ...part }));
    expect(parseMime(renderWorker(everything.worker))).toEqual(parts);
    expect(parts.map(({ type }) => type)).toEqual(["text/cloud-boothook", "text/x-shellscript"]);
    expect(parseMime(renderWorker(worker)).map(({ type }) => type)).toEqual(["text/cloud-boothook"]);
  });

  test("any parts come out of it as they went in, lines that look like its own among them", () => {
    const parts = ["#!/bin/bash\n\n", "", "a\n\n--other--\n", "Content-Type: text/plain\n\nx"].map(
      (content, index) => ({
        contentType: "text/x-shellscript" as const,
        filename: `part-${index}`,
        content,
      }),
    );
    const found = parseMime(mime(parts.map(mimePart).join("")));
    expect(found.map(({ content }) => content)).toEqual(parts.map(({ content }) => content));
    expect(found.map(({ filename }) => filename)).toEqual(parts.map(({ filename }) => filename));
  });

  test.each([
    ["early", renderWorker],
    ["late", renderLateWorker],
  ])("%s: carries the bundle, the consumer's script, and nothing but ASCII", (_, render) => {
    const text = render(everything.worker);
    const bundle = bundleScript("worker");
    expect(packed("WORKER_SCRIPT", text)).toBe(render === renderWorker ? bundle : workerPiece("later-boots") + bundle);
    expect(packed("USER_SCRIPT", text)).toBe(userScript);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(render(worker)).not.toContain("USER_SCRIPT");
  });

  test("late begins as a script does", () => expect(renderLateWorker(worker)).toMatch(/^#!\/bin\/bash\n/));

  test("the snippet has no script of the consumer's: the middle of somebody's script is not its place", () => {
    expect(renderSnippet(everything.worker)).not.toContain("USER_SCRIPT");
  });
});

/** Stands for the bundle: says how it was called, and with what. */
const ECHO = 'echo "$0 $* $CACHE_NAME"\n';

describe("a worker's user data, run on a made-up machine", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = madeUpMachine();
  });
  afterEach(() => rmSync(machine.folder, { recursive: true }));

  const settings = { ...worker, CACHE_NAME: "ci" };
  const early = (bundle = ECHO) => earlyPart(workerLines(settings, bundle)).content;
  const late = (bundle = ECHO) => renderLateWorker(settings, bundle);
  const base64 = Buffer.from("ci").toString("base64");
  const kept = () => join(machine.folder, "var/lib/docker-cache-worker/worker.sh");
  const inMemory = () => join(machine.folder, "run/docker-cache/worker.sh");
  const log = () => readFileSync(join(machine.folder, "run/docker-cache/early.log"), "utf8");

  test("early: the bundle is kept and called, and its output is in a file", () => {
    expect(machine.run(early())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(kept(), "utf8")).toBe(ECHO);
    expect(log()).toBe(`${kept()} early ${base64}\n`);
  });

  test("late: the bundle is kept and called", () => {
    expect(machine.run(late())).toEqual({ status: 0, stdout: `${kept()} late ${base64}\n`, stderr: "" });
    expect(readFileSync(kept(), "utf8")).toBe(workerPiece("later-boots") + ECHO);
  });

  test.each([
    ["early", early],
    ["late", late],
  ])("%s: where the root disk is full, the bundle is in memory", (mode, render) => {
    machine.fill("var/lib/docker-cache-worker", "worker.new");
    const { status, stdout } = machine.run(render());
    expect(status).toBe(0);
    expect(mode === "early" ? log() : stdout).toBe(`${inMemory()} ${mode} ${base64}\n`);
  });

  test.each([
    ["early", early],
    ["late", late],
  ])("%s: where nothing takes it, the boot goes on; and Docker is started, but never by a boothook", (mode, render) => {
    machine.refuse("var/lib/docker-cache-worker");
    machine.refuse("run/docker-cache");
    expect(machine.run(render()).status).toBe(0);
    expect(machine.calls()).toEqual(mode === "early" ? [] : ["systemctl start docker.service"]);
  });

  test.each([
    ["early", early],
    ["late", late],
  ])("%s: a bundle that does not unpack is never run", (mode, render) => {
    const text = render();
    const broken = text.replace(/^(export WORKER_SCRIPT=')(.*)'$/m, (_, head, data) => `${head}${data.slice(0, 24)}'`);
    expect(broken).not.toBe(text);
    expect(machine.run(broken)).toMatchObject({ status: 0, stdout: "" });
    expect(machine.calls()).toEqual(mode === "early" ? [] : ["systemctl start docker.service"]);
  });

  test.each(["exit 3\n", "kill -KILL $$\n", "set -e; false\n", "exec false\n", "(\n"])(
    "however the bundle ends, the boothook ends well, and lines behind the plain script run: %j",
    (bundle) => {
      expect(machine.run(early(bundle)).status).toBe(0);
      const { status, stdout } = machine.run(`${late(bundle)}echo "behind: $?"\n`);
      expect({ status, stdout }).toEqual({ status: 0, stdout: "behind: 0\n" });
    },
  );

  describe("with a script of the consumer's", () => {
    const own = (script: string) => ({ ...settings, USER_SCRIPT: script });
    const scriptOf = (script: string) => scriptPart(workerLines(own(script))).content;
    const lateWith = (script: string) => renderLateWorker(own(script), ECHO);

    test.each([
      ["part", scriptOf],
      ["plain script", lateWith],
    ])("the exit code of the %s is the consumer's", (_, render) => {
      expect(machine.run(render("#!/bin/sh\nexit 7\n")).status).toBe(7);
      expect(machine.run(render("#!/bin/sh\nexit 0\n")).status).toBe(0);
    });

    test("the plain script runs it after the cache, and lines behind it after that", () => {
      const { stdout } = machine.run(`${lateWith("#!/bin/sh\necho mine\nexit 7\n")}echo "behind: $?"\n`);
      expect(stdout).toBe(`${kept()} late ${base64}\nmine\nbehind: 7\n`);
    });

    test("it sees nothing of ours", () => {
      // All but `_`, which is bash's own.
      const script = "#!/bin/bash\nunset _\nprintf '%s ' $(compgen -e | sort)\n";
      const alone = machine.run(script).stdout;
      expect(alone).toContain("PATH");
      expect(machine.run(scriptOf(script)).stdout).toBe(alone);
      expect(machine.run(lateWith(script)).stdout.split("\n").at(-1)).toBe(alone);
    });

    test("any interpreter runs it", () => {
      expect(machine.run(scriptOf(userScript)).stdout).toBe("it's ${ours}\n");
    });

    test("where the root disk is full, it runs all the same", () => {
      machine.fill("var/lib/docker-cache-worker", "user-script");
      expect(machine.run(scriptOf("#!/bin/sh\necho mine\n")).stdout).toBe("mine\n");
    });

    test("where the root disk takes nothing, it runs all the same", () => {
      machine.refuse("var/lib/docker-cache-worker");
      expect(machine.run(scriptOf("#!/bin/sh\necho mine\n")).stdout).toBe("mine\n");
      machine.refuse("run/docker-cache");
      expect(machine.run(scriptOf("#!/bin/sh\necho mine\n")).stdout).toBe("mine\n");
    });
  });
});

describe("pieces", () => {
  test.each(WORKER_PIECES)("%s is valid bash", (name) => {
    execFileSync("bash", ["--norc", "-n"], { input: workerPiece(name) });
  });

  test("only the boothook may end the shell it is in", () => {
    for (const name of WORKER_PIECES.filter((piece) => piece !== "call-early"))
      expect(workerPiece(name)).not.toMatch(/^\s*(exec|exit)\b/m);
  });

  test("the snippet is valid in the smallest of shells", () => {
    expect(spawnSync("dash", ["-n"], { input: renderSnippet(worker) }).status).toBe(0);
  });

  test("the plain script ends with the lines that it is given", () => {
    const lines = workerLines(everything.worker);
    const own = userScriptLines(lines);
    expect(plainScript(lines, own)).toBe(`${plainScript(lines, "")}${own}`);
  });
});

describe("sizes", () => {
  test("the builder's leaves 2 KiB when gzipped, and its second half fits ten parameters", () => {
    expect(gzipSync(renderBuilder(everything.builder)).byteLength).toBeLessThan(USER_DATA_MAXIMUM_BYTES - 2048);
    expect(base64gzip(bundleScript("build")).length).toBeLessThan(10 * PARAMETER_VALUE_MAXIMUM);
  });

  test("the worker's leaves 3 KiB, gzipped, for the consumer's script", () => {
    const bytes = gzipSync(renderWorker({ ...everything.worker, USER_SCRIPT: "" })).byteLength;
    expect(bytes).toBeLessThanOrEqual(USER_DATA_MAXIMUM_BYTES - 3 * 1024);
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
