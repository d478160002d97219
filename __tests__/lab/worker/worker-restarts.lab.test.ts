/**
 * R24: nothing is ever taken from under a worker's Docker: whoever restarts Docker or containerd, or runs the user data again, finds images, containers and
 * volumes as they were. What depends on Docker runs afterwards if it ran before.
 */
import type { Machine } from "../../../lab/machine/machine";
import { execIn, shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import { attachVolume } from "../../../lab/machine/machine-volumes";
import { ALL, cases, type Generation, isBooted } from "../../level";
import { reboot } from "../machine/boot";
import { editVolume } from "../volume/edit";
import {
  ALL_OF_THEIRS,
  countDockerStarts,
  expectWarm,
  freshCache,
  listFailedUnits,
  listTheirs,
  lookAtCache,
  nextBoot,
  runTheirs,
  waitForFile,
  worker,
} from "./worker-checks";
import {
  cacheVolume,
  GENERATIONS,
  runTiny,
  startWorkerLab,
  stopWorkerLab,
  type WorkerLab,
  type WorkerOptions,
} from "./worker-lab";

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

describe("whoever restarts Docker", () => {
  const restarts = {
    "dockerd is killed": `
      former=$(systemctl show --property MainPID --value docker.service)
      kill -KILL "$former"
      until now=$(systemctl show --property MainPID --value docker.service); [[ $now != 0 && $now != "$former" ]]; do sleep 0.1; done`,
    "containerd is restarted": "systemctl restart containerd.service",
    "Docker is restarted": "systemctl restart docker.service",
    "Docker and containerd are stopped and started": `
      systemctl stop docker.socket docker.service containerd.service
      systemctl start docker.service`,
    "Docker is restarted with live-restore": `
      sed --in-place 's/"live-restore": false/"live-restore": true/' /etc/docker/daemon.json
      systemctl reload docker.service
      until [[ $(docker info --format '{{.LiveRestoreEnabled}}') == true ]]; do sleep 0.1; done
      docker start theirs-no >/dev/null
      former=$(docker inspect --format '{{.State.Pid}}' theirs-no)
      systemctl restart docker.service
      [[ $(docker inspect --format '{{.State.Pid}} {{.State.Running}}' theirs-no) == "$former true" ]]`,
    "dockerd is killed with live-restore": `
      former=$(docker inspect --format '{{.State.Pid}}' theirs-no)
      kill -KILL "$(systemctl show --property MainPID --value docker.service)"
      [[ $(timeout 60 docker inspect --format '{{.State.Pid}} {{.State.Running}}' theirs-no) == "$former true" ]]`,
    "our service is started by hand":
      "systemctl start docker-cache.service || [[ ! -e /etc/systemd/system/docker-cache.service ]]",
  };

  test.each(cases(everywhere, ({ late }) => late))(
    "$on, $form: all is there afterwards, and nothing was mounted again",
    async ({ on, late }) => {
      await worker(lab, on, { late, spec: { volumes: [await freshCache(lab, on)] } }, async ({ machine, status }) => {
        await runTheirs(machine);
        await shellIn(
          machine,
          `python3 -c 'import json
path = "/etc/docker/daemon.json"
config = json.load(open(path)) | {"live-restore": False, "log-opts": {"max-size": "1m"}}
json.dump(config, open(path, "w"))'`,
        );
        let before = await lookAtCache(machine);
        for (const [what, script] of Object.entries(restarts)) {
          // systemd gives up on a unit that is started more than three times a minute.
          await shellIn(machine, `systemctl reset-failed docker.service docker.socket containerd.service\n${script}`);
          if (what.endsWith("with live-restore"))
            before = before.replace('"live-restore": false', '"live-restore": true');
          // The first `docker` waits for one that comes up.
          const after = { what, theirs: await listTheirs(machine), cache: await lookAtCache(machine) };
          expect(after).toEqual({ what, theirs: ALL_OF_THEIRS, cache: before });
          expect(await runTiny(machine)).toBe("said in a container\n");
          expect(await listFailedUnits(machine)).toBe("");
        }
        await expectWarm({ machine, status });
        // With live-restore they would outlive Docker at shutdown too, and systemd waits 90 s for each that ignores SIGTERM.
        await shellIn(machine, "docker rm --force theirs-no theirs-always");
      });
    },
  );
});

describe("what depends on Docker", () => {
  const unit = (name: string, dependency: string) => `
cat >/etc/systemd/system/${name}.service <<'UNIT'
[Unit]
${dependency}
[Service]
ExecStart=/usr/bin/sleep infinity
UNIT
`;
  const after = "After=docker.service";
  const units = `#!/bin/bash
${unit("needs", `Requires=docker.service\n${after}`)}
${unit("through", "Requires=needs.service\nAfter=needs.service")}
${unit("bound", `BindsTo=docker.service\n${after}`)}
${unit("part", `PartOf=docker.service\n${after}`)}
${unit("queued", `Requires=docker.service\n${after} cloud-final.service`)}
${unit("idle", `Requires=docker.service\n${after}`)}
systemctl daemon-reload
`;
  const running = "needs.service through.service bound.service part.service";
  /** Before Docker nothing can be waited for. */
  const queue = `${units}systemctl start --no-block ${running} queued.service\n`;
  const start = `${units}systemctl start ${running}\nsystemctl start --no-block queued.service\n`;

  interface Case {
    readonly what: string;
    readonly state: "warm" | "cold";
    readonly way: "early" | "late";
    readonly starts: number;
    readonly isInGate?: boolean;
    readonly options: (on: Generation) => Promise<WorkerOptions>;
  }
  const volumeAfterEarly = async (on: Generation): Promise<WorkerOptions> => {
    const device = await freshCache(lab, on);
    const meanwhile = async (machine: Machine) => {
      await waitForFile(machine, "/run/docker-cache/early");
      await attachVolume(machine, device);
    };
    return { before: queue, spec: { announced: ["/dev/sdf"] }, meanwhile };
  };
  const ways: Case[] = [
    {
      what: "early",
      state: "warm",
      way: "early",
      starts: 1,
      options: async (on) => ({ before: queue, spec: { volumes: [await freshCache(lab, on)] } }),
    },
    {
      what: "late",
      state: "warm",
      way: "late",
      starts: 2,
      options: async (on) => ({ late: true, before: start, spec: { volumes: [await freshCache(lab, on)] } }),
    },
    {
      what: "early, with a volume that comes late",
      state: "warm",
      way: "late",
      starts: 2,
      options: volumeAfterEarly,
    },
    {
      what: "late, with nothing mapped",
      state: "cold",
      way: "late",
      starts: 1,
      options: async () => ({ late: true, before: start }),
    },
    {
      what: "late, with a volume whose images Docker does not know",
      state: "cold",
      way: "late",
      starts: 3,
      isInGate: true,
      options: async (on) => {
        const volume = await cacheVolume(lab, on);
        const folder = on === "forky" ? "containerd/io.containerd.metadata.v1.bolt" : "docker/image";
        await editVolume(lab.run, volume, `rm --recursive ${folder}`);
        return { late: true, before: start, spec: { volumes: [{ volume, deviceName: "/dev/sdf" }] } };
      },
    },
  ];
  const all = generations.flatMap((on) => ways.map((one) => ({ on, ...one })));

  test.each(cases(all, ({ isInGate }) => Boolean(isInGate)))(
    "$on, $what: $state, and what ran runs",
    async ({ on, state, way, starts, options }) => {
      await worker(lab, on, await options(on), async ({ machine, status }) => {
        expect(status).toMatchObject({ state, way });
        expect(await countDockerStarts(machine)).toBe(starts);
        const wanted = `${"active\n".repeat(5)}inactive\n`;
        const states = () => shellIn(machine, `systemctl is-active ${running} queued.service idle.service || true`);
        await waitUntil("all units", 30, async () => (await states()) === wanted).catch(() => undefined);
        expect(await states()).toBe(wanted);
      });
    },
  );
});

describe("user data that runs again", () => {
  const repeats: Record<string, (machine: Machine) => Promise<unknown>> = {
    "each part of it, by hand": (machine) =>
      shellIn(machine, 'for part in /var/lib/cloud/instance/scripts/*; do "$part"; done &>>/tmp/again'),
    "the boothook, by hand": (machine) =>
      shellIn(
        machine,
        'for part in /var/lib/cloud/instance/boothooks/*; do [[ ! -e $part ]] || bash "$part"; done &>>/tmp/again',
      ),
    "cloud-init single": (machine) =>
      shellIn(
        machine,
        "for name in scripts_per_boot scripts_user; do cloud-init single --name $name --frequency always; done &>>/tmp/again",
      ),
  };
  const boots: Record<string, (machine: Machine) => Promise<unknown>> = {
    "cloud-init clean": async (machine) => {
      await execIn(machine, ["cloud-init", "clean", "--logs"]);
      await nextBoot(machine, reboot);
    },
  };

  test.each(cases(everywhere, ({ late }) => late))("$on, $form: nothing is killed", async ({ on, late }) => {
    const behind = {
      "text/cloud-config": "#cloud-config\ncloud_final_modules:\n- scripts-per-boot\n- [scripts-user, always]\n",
    };
    // AWS's recipe for user data that runs at every boot.
    await worker(
      lab,
      on,
      { late, behind, spec: { volumes: [await freshCache(lab, on)] } },
      async ({ machine, status }) => {
        await runTheirs(machine);
        const before = await lookAtCache(machine);
        const pids = () => shellIn(machine, "docker inspect --format '{{.State.Pid}}' theirs-no theirs-always");
        const former = await pids();
        for (const [what, again] of Object.entries(repeats)) {
          await again(machine);
          const after = {
            what,
            theirs: await listTheirs(machine),
            cache: await lookAtCache(machine),
            pids: await pids(),
          };
          expect(after).toEqual({ what, theirs: ALL_OF_THEIRS, cache: before, pids: former });
          expect(JSON.parse(await execIn(machine, ["cat", "/run/docker-cache/status.json"]))).toEqual(status);
        }
        for (const [what, again] of Object.entries({
          "a reboot": (one: Machine) => nextBoot(one, reboot),
          ...(ALL ? boots : {}),
        })) {
          await again(machine);
          const after = { what, theirs: await listTheirs(machine), starts: await countDockerStarts(machine) };
          expect(after).toEqual({ what, theirs: ALL_OF_THEIRS, starts: 1 });
          const now = JSON.parse(await execIn(machine, ["cat", "/run/docker-cache/status.json"]));
          expect({ what, state: now.state, reason: now.reason }).toEqual({ what, state: "warm", reason: "" });
          expect(await listFailedUnits(machine)).toBe("");
        }
      },
    );
  });
});
