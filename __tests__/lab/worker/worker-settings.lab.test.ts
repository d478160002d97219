/** What else is in the image and in the user data: settings of Docker, a proxy, and other parts. They are kept, and seen by nobody twice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../../lab/machine/machine";
import { consoleOf, execIn, shellIn } from "../../../lab/machine/machine-shell";
import { damageVolume } from "../../../lab/volume/damage";
import { cases, type Generation, isBooted, onlyInAll } from "../../level";
import { reboot } from "../machine/boot";
import { countDockerStarts, expectCold, expectWarm, freshCache, nextStatus, worker } from "./worker-checks";
import { GENERATIONS, startWorkerLab, stopWorkerLab, type WorkerLab } from "./worker-lab";

jest.setTimeout(360_000);

let lab: WorkerLab;
beforeAll(async () => {
  lab = await startWorkerLab();
}, 600_000);
afterAll(() => stopWorkerLab(lab), 60_000);

const generations = (Object.keys(GENERATIONS) as Generation[]).filter(isBooted);
const forms = [
  { form: "early", late: false },
  { form: "late", late: true },
] as const;
const everywhere = generations.flatMap((on) => forms.map((one) => ({ on, ...one })));

const daemonJson = async (machine: Machine) => JSON.parse(await shellIn(machine, "cat /etc/docker/daemon.json"));
const docker = (machine: Machine, format: string) => execIn(machine, ["docker", "info", "--format", format]);

describe("cloud-config, which comes after the boothook", () => {
  const file = (settings: object) =>
    `#cloud-config\nwrite_files:\n- path: /etc/docker/daemon.json\n  content: '${JSON.stringify(settings)}'\n`;
  interface Case {
    readonly what: string;
    readonly config: string;
    readonly theirs: object;
    readonly root?: string;
    /** Docker began elsewhere, or with another store. */
    readonly isRepinned: (on: Generation) => boolean;
  }
  const configs: Case[] = [
    {
      what: "a log driver",
      config: file({ "log-driver": "local" }),
      theirs: { "log-driver": "local" },
      isRepinned: (on) => on === "forky",
    },
    {
      what: "a data-root",
      config: file({ "data-root": "/srv/docker", "log-driver": "local" }),
      theirs: { "data-root": "/srv/docker", "log-driver": "local" },
      root: "/srv/docker",
      isRepinned: () => true,
    },
    {
      what: "a mount over Docker's folder",
      config: "#cloud-config\nmounts:\n- [tmpfs, /var/lib/docker, tmpfs, size=500m]\n",
      theirs: {},
      isRepinned: () => true,
    },
  ];
  const all = generations.flatMap((on) => configs.map((one) => ({ on, ...one })));

  test.each(cases(all, ({ root }) => root !== undefined))(
    "$on, $what: warm, and it is kept, after a reboot too",
    async ({ on, config, theirs, root, isRepinned }) => {
      const options = { behind: { "text/cloud-config": config }, spec: { volumes: [await freshCache(lab, on)] } };
      await worker(lab, on, options, async ({ machine, status }) => {
        expect(status.repinned).toBe(isRepinned(on) ? 1 : undefined);
        await expectWarm({ machine, status }, root);
        expect(await daemonJson(machine)).toMatchObject(theirs);
        const later = await nextStatus(machine, reboot);
        await expectWarm({ machine, status: later }, root);
        expect(await daemonJson(machine)).toMatchObject(theirs);
      });
    },
  );
});

describe("parts of the consumer's", () => {
  const note = (name: string) =>
    `#!/bin/bash\necho "${name} $(docker image ls --quiet registry.lab/small | wc --lines)" >>/root/order\n`;

  test.each(cases(everywhere, ({ late }) => !late))(
    "$on, $form: each runs once, in its order",
    async ({ on, late }) => {
      const options = {
        late,
        ahead: {
          "text/x-shellscript": note("ahead"),
          "text/cloud-config": "#cloud-config\nruncmd:\n- echo config >>/root/order\n",
        },
        behind: { "text/x-shellscript": note("behind") },
        settings: { USER_SCRIPT: `${note("ours")}echo the consumer runs\n` },
        spec: { volumes: [await freshCache(lab, on)] },
      };
      await worker(lab, on, options, async (booted) => {
        await expectWarm(booted);
        // cloud-init runs scripts by their names, and `runcmd` is behind `part-…`.
        const wanted = [`ahead ${late ? 0 : 1}`, "ours 1", "behind 1", "config", ""];
        expect(await shellIn(booted.machine, "cat /root/order")).toBe(wanted.join("\n"));
      });
    },
  );
});

describe("settings of the image", () => {
  const written = (settings: object) =>
    `#!/bin/bash\nmkdir -p /etc/docker\nprintf '%s' '${JSON.stringify(settings)}' >/etc/docker/daemon.json\n`;
  /** Docker is running by then, if ours comes late. */
  const taken = (settings: object, late: boolean) =>
    `${written(settings)}${late ? "systemctl restart docker.service\n" : ""}`;

  onlyInAll(everywhere)("$on, $form: those that work are kept: warm", async ({ on, late }) => {
    const theirs = {
      "live-restore": true,
      "log-driver": "none",
      "default-runtime": "mine",
      runtimes: { mine: { path: "/usr/sbin/runc" } },
    };
    const options = { late, before: taken(theirs, late), spec: { volumes: [await freshCache(lab, on)] } };
    await worker(lab, on, options, async ({ machine, status }) => {
      expect(status).toMatchObject({ state: "warm", reason: "" });
      expect(await daemonJson(machine)).toMatchObject(theirs);
      expect(await docker(machine, "{{.LoggingDriver}} {{.DefaultRuntime}} {{.LiveRestoreEnabled}}")).toBe(
        "none mine true\n",
      );
    });
  });

  onlyInAll(everywhere)("$on, $form: userns-remap: cold, and Docker is left alone", async ({ on, late }) => {
    const theirs = { "userns-remap": "default" };
    const options = { late, before: taken(theirs, late), spec: { volumes: [await freshCache(lab, on)] } };
    await worker(lab, on, options, async (booted) => {
      await expectCold(booted, /^userns-remap is set/, JSON.stringify(theirs));
      expect(await docker(booted.machine, "{{.DockerRootDir}}")).toMatch(/^\/var\/lib\/docker\/\d+\.\d+$/m);
      expect(await countDockerStarts(booted.machine)).toBe(late ? 2 : 1);
    });
  });
});

describe("flags and files of the daemons", () => {
  /** Debian's unit reads /etc/default/docker, and no unit of it the other file. */
  const files = `#!/bin/bash
mkdir -p /etc/docker /etc/sysconfig
echo "DOCKER_OPTS='--data-root=/srv/docker --max-concurrent-downloads=7 -s overlay2'" >/etc/default/docker
echo "OPTIONS='--data-root=/nowhere'" >/etc/sysconfig/docker
echo '{"storage-opts": ["dm.basesize=20G"], "log-driver": "local"}' >/etc/docker/daemon.json
`;
  const all = everywhere.filter(({ on, late }) => !late && GENERATIONS[on].imageStore === "overlay2");

  test.each(all)("$on: what a flag sets is followed, and not repeated in daemon.json: warm", async ({ on }) => {
    const options = { before: files, spec: { volumes: [await freshCache(lab, on)] } };
    await worker(lab, on, options, async (booted) => {
      await expectWarm(booted, "/srv/docker");
      expect(await docker(booted.machine, "{{.DockerRootDir}} {{.LoggingDriver}}")).toBe("/srv/docker local\n");
      const pinned = { features: { "containerd-snapshotter": false }, "log-driver": "local" };
      expect(await daemonJson(booted.machine)).toEqual(pinned);
      // Of dockerd itself, if it can tell.
      expect(consoleOf(booted.machine).includes("configuration OK")).toBe(on !== "bookworm");
    });
  });

  const toml = `#!/bin/bash
mkdir -p /etc/containerd
printf "# root = '/no'\\nversion = 2\\nroot = '/srv/containerd' # here\\n[plugins]\\n" >/etc/containerd/config.toml
`;
  const withContainerd = generations.filter((on) => GENERATIONS[on].imageStore === "containerd");
  if (withContainerd.length > 0)
    test.each(withContainerd)("%s: containerd says where its root is: warm", async (on) => {
      const options = { before: toml, spec: { volumes: [await freshCache(lab, on)] } };
      await worker(lab, on, options, async (booted) => {
        await expectWarm(booted);
        const sources = await execIn(booted.machine, [
          "findmnt",
          "--noheadings",
          "--output",
          "SOURCE",
          "/srv/containerd",
        ]);
        expect(sources).toContain(String(booted.status.device));
      });
    });
});

describe("behind a proxy", () => {
  const settings = { HTTP_PROXY_URL: "http://proxy.lab:3128", HTTPS_PROXY_URL: "http://proxy.lab:3129" };
  const hasProxy = (machine: Machine) =>
    shellIn(
      machine,
      `tr '\\0' '\\n' <"/proc/$(systemctl show --property MainPID --value docker.service)/environ" | grep ^HTTP | sort`,
    );
  const wanted = `HTTPS_PROXY=${settings.HTTPS_PROXY_URL}\nHTTP_PROXY=${settings.HTTP_PROXY_URL}\n`;
  const all = everywhere.flatMap((one) => [true, false].map((isMapped) => ({ ...one, isMapped })));

  test.each(cases(all, ({ late, isMapped }) => late && !isMapped))(
    "$on, $form, a volume is mapped: $isMapped: Docker has it",
    async ({ on, late, isMapped }) => {
      const volumes = isMapped ? [await freshCache(lab, on)] : [];
      await worker(lab, on, { late, settings, spec: { volumes } }, async ({ machine, status }) => {
        expect(status.state).toBe(isMapped ? "warm" : "cold");
        expect(await hasProxy(machine)).toBe(wanted);
        expect(await countDockerStarts(machine)).toBe(late ? 2 : 1);
      });
    },
  );
});

describe("a runner's template, with the snippet in its middle (a stand-in for that of github-aws-runners)", () => {
  const template = readFileSync(join(__dirname, "runner-template.sh"), "utf8").replace(
    "# PRE_INSTALL",
    "$&\necho the consumer runs",
  );
  const registered = (machine: Machine) => shellIn(machine, "cat /run/runner-registered");

  test.each(generations)("%s: warm, and the runner is registered", async (on) => {
    await worker(lab, on, { template, spec: { volumes: [await freshCache(lab, on)] } }, async (booted) => {
      await expectWarm(booted);
      expect(await registered(booted.machine)).toMatch(/^runner of /);
    });
  });

  onlyInAll(generations)("%s: a broken volume, and the runner is registered", async (on) => {
    const attachment = await freshCache(lab, on);
    damageVolume(lab.run, attachment.volume, { kind: "superblock" });
    await worker(lab, on, { template, spec: { volumes: [attachment] } }, async (booted) => {
      await expectCold(booted, /^no disk with/);
      expect(await registered(booted.machine)).toMatch(/^runner of /);
    });
  });
});
