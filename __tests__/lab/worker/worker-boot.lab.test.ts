/** R10 and R24, boots of a worker: when its volume comes, how fast that is, who kills `early`, and what a later boot or a copy of its disk finds. */
import type { Machine } from "../../../lab/machine/machine";
import { startMachine } from "../../../lab/machine/machine";
import { powerOff } from "../../../lab/machine/machine-power";
import { execIn, shellIn, waitUntil } from "../../../lab/machine/machine-shell";
import { attachVolume } from "../../../lab/machine/machine-volumes";
import { inRun } from "../../../lab/run/run";
import { bundleScript } from "../../../lib/userdata/render";
import { cases, type Generation, isBooted, onlyInAll } from "../../level";
import { boot } from "../lab-harness";
import { reboot, waitForBoot } from "../machine/boot";
import {
  ALL_OF_THEIRS,
  countDockerStarts,
  expectCold,
  expectUsable,
  expectWarm,
  freshCache,
  listFailedUnits,
  listTheirs,
  nextStatus,
  runTheirs,
  waitForFile,
  worker,
} from "./worker-checks";
import {
  endWorker,
  GENERATIONS,
  runTiny,
  startWorkerLab,
  statusOf,
  stopWorkerLab,
  userDataOf,
  type WorkerLab,
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

describe("a volume that comes", () => {
  const active = "until [[ $(systemctl is-active docker.service) == active ]]; do sleep 0.1; done";
  const arrivals = [
    // Its wait of two seconds is made longer: a busy machine must not decide.
    {
      when: "while early waits for it",
      way: "early",
      starts: 1,
      bundle: bundleScript("worker").replace("wait_ms=2000", "wait_ms=9000"),
      until: (machine: Machine) => waitForFile(machine, "/run/docker-cache/facts"),
    },
    {
      when: "once early has given up",
      way: "late",
      starts: 2,
      until: (machine: Machine) => waitForFile(machine, "/run/docker-cache/early"),
    },
    {
      when: "when Docker runs without it",
      way: "late",
      starts: 2,
      until: (machine: Machine) => shellIn(machine, active),
    },
  ];
  const all = generations.flatMap((on) => arrivals.map((one) => ({ on, ...one })));

  test.each(cases(all, (_, index) => index === 2))(
    "$on, $when: warm, $way",
    async ({ on, way, starts, bundle, until }) => {
      // As a template of the user's may name it: the volume is known by what is on it.
      const device = { ...(await freshCache(lab, on)), deviceName: "/dev/sdh" };
      const meanwhile = async (machine: Machine) => {
        await until(machine);
        await attachVolume(machine, device);
      };
      await worker(lab, on, { spec: { announced: [device.deviceName] }, bundle, meanwhile }, async (booted) => {
        expect(booted.status.way).toBe(way);
        await expectWarm(booted);
        expect(await countDockerStarts(booted.machine)).toBe(starts);
      });
    },
  );

  onlyInAll(everywhere)("$on, $form: never: cold when the time is up", async ({ on, late }) => {
    const options = { late, spec: { announced: ["/dev/sdf"] }, settings: { TIMEOUT_SECONDS: "20" } };
    await worker(lab, on, options, async (booted) => {
      await expectCold(booted, /^no disk with a file system labelled/);
      expect(await countDockerStarts(booted.machine)).toBe(1);
    });
  });

  onlyInAll(generations)("%s: with 2.5 s for each first touch: early ends within its bound", async (on) => {
    await worker(lab, on, { spec: { volumes: [await freshCache(lab, on, 2500)] } }, ({ status }) => {
      // Ten seconds by its own timer, and what a busy machine adds.
      expect(status.earlyMs).toBeLessThan(20_000);
    });
  });
});

describe("early, killed", () => {
  /** The worker's script, in which `early` is killed at the end of a step, with the child that takes it. */
  const killedAfter = (step: string) => {
    const kill = `
eval "real_$(declare -f ${step})"
${step}() {
  real_${step} "$@"
  [[ "$MODE" == early ]] || return 0
  touch "$RUN/killed"
  kill -KILL $$ && kill -KILL 0
}
`;
    return bundleScript("worker").replace(/(?=^main "\$@"$)/m, () => kill);
  };
  const steps = [
    { step: "install_finish", way: "late", starts: 2 },
    { step: "configure_docker_proxy", way: "late", starts: 2 },
    { step: "check_former", way: "late", starts: 2 },
    { step: "find_disk", way: "late", starts: 2 },
    { step: "mount_cache", way: "late", starts: 2 },
    { step: "clean_cache", way: "late", starts: 2 },
    { step: "bind_docker_roots", way: "early", starts: 1 },
    { step: "move_docker", way: "early", starts: 1 },
    { step: "attempt", way: "early", starts: 1 },
  ];
  const all = generations.flatMap((on) => steps.map((one) => ({ on, ...one })));

  test.each(cases(all, ({ step }) => step === "bind_docker_roots"))(
    "$on, after $step: warm, $way, and a Docker on the volume is never stopped",
    async ({ on, step, way, starts }) => {
      const options = { bundle: killedAfter(step), spec: { volumes: [await freshCache(lab, on)] } };
      await worker(lab, on, options, async (booted) => {
        await execIn(booted.machine, ["test", "-e", "/run/docker-cache/killed"]);
        expect(booted.status.way).toBe(way);
        await expectWarm(booted);
        // Without the pin, forky's Docker began with the other store, and nobody had used it yet.
        const isRepinned = on === "forky" && step === "bind_docker_roots";
        expect(booted.status.repinned).toBe(isRepinned ? 1 : undefined);
        expect(await countDockerStarts(booted.machine)).toBe(isRepinned ? 2 : starts);
      });
    },
  );
});

describe("later boots", () => {
  /** Stops and starts with the volume, or without. */
  const startWith = (attachments: Machine["attachments"]) => async (machine: Machine) => {
    await powerOff(machine);
    machine.attachments = [...attachments];
    await startMachine(machine);
  };

  test.each(cases(everywhere, ({ late }) => !late))(
    "$on, $form: with the volume, without, and with it again",
    async ({ on, late }) => {
      const theirs = '{"log-driver": "json-file"}\n';
      const before = `#!/bin/bash\nprintf '%s' '${theirs}' >/etc/docker/daemon.json\n`;
      const device = await freshCache(lab, on);
      const announced: string[] = [];
      const options = { late, before, spec: { volumes: [device], announced } };
      await worker(lab, on, options, async ({ machine }) => {
        await runTheirs(machine);
        const expectAll = async (bootAgain: (machine: Machine) => Promise<void>) => {
          const status = await nextStatus(machine, bootAgain);
          await expectUsable(machine, status);
          await expectWarm({ machine, status });
          expect(await listTheirs(machine)).toBe(ALL_OF_THEIRS);
          expect(await countDockerStarts(machine)).toBe(1);
          expect(await execIn(machine, ["docker", "ps", "--format", "{{.Names}}"])).toBe("theirs-always\n");
          expect(await listFailedUnits(machine)).toBe("");
        };
        await expectAll(reboot);

        // Still listed among the mappings, or not any more.
        for (const mapped of cases([["/dev/sdf"], []], (_, index) => index === 0)) {
          announced.splice(0, 1, ...mapped);
          const without = await nextStatus(machine, startWith([]));
          await expectUsable(machine, without);
          const reason = mapped.length === 0 ? "no cache device was mapped" : "no disk with a file system labelled";
          await expectCold({ machine, status: without }, reason, theirs);
          expect(await countDockerStarts(machine)).toBe(1);
          // Fifteen seconds by its own timer, and what a busy machine adds.
          expect(Number(await execIn(machine, ["cat", "/run/docker-cache/early"]))).toBeLessThan(25_000);
        }

        announced.length = 0;
        await expectAll(startWith([device]));
      });
    },
  );

  const copies = everywhere.flatMap((one) => [
    { ...one, launched: "with no user data", hasUserData: false },
    { ...one, launched: "as a worker without a volume", hasUserData: true },
  ]);
  test.each(cases(copies, ({ late, hasUserData }) => late && !hasUserData))(
    "$on, $form: an image baked from a warm worker, launched $launched: nothing of ours is in its way",
    async ({ on, late, hasUserData }) => {
      await worker(lab, on, { late, spec: { volumes: [await freshCache(lab, on)] } }, async (baked) => {
        await powerOff(baked.machine);
        const machine = await boot(lab, {
          image: on,
          userData: hasUserData ? userDataOf(on, { late }) : undefined,
        });
        await waitUntil("the machine's systemd", 60, () => execIn(machine, ["true"]).then(() => true));
        await powerOff(machine);
        const files = [baked.machine.rootVolume.dataFile, machine.rootVolume.dataFile];
        await inRun(lab.run, ["cp", "--reflink=always", ...files]);
        await startMachine(machine);
        await waitForBoot(machine, 120);
        expect(await runTiny(machine)).toBe("said in a container\n");
        expect(await countDockerStarts(machine)).toBe(1);
        expect(await shellIn(machine, "docker image ls --format '{{.Repository}}'")).toBe("tiny\n");
        // Without `early` and before `finish`, its Docker has begun with the pinned store: to unpin it now would hide images at the next restart.
        const isPinned = (await shellIn(machine, "cat /etc/docker/daemon.json 2>/dev/null || true")) !== "";
        expect(isPinned).toBe(!late && !hasUserData);
        expect(await listFailedUnits(machine)).toBe("");
        if (hasUserData) await expectCold({ machine, status: await statusOf(machine) }, "no cache device was mapped");
        // Nobody has looked for a volume.
        else await execIn(machine, ["test", "!", "-e", "/run/docker-cache/facts"]);
        await endWorker({ machine, status: baked.status });
      });
    },
  );
});
