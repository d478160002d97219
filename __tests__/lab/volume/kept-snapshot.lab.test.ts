import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runCommand } from "../../../lab/run/command";
import { inRun, type LabRun, startRun, stopRun } from "../../../lab/run/run";
import { createVolume, snapshotVolume } from "../../../lab/volume/volume";
import { newId } from "../lab-harness";
import { copyKept, isKept, keepSnapshot, keptFolder, keyOf, takeTurns } from "./kept-snapshot";

jest.setTimeout(120_000);

const DAY_MILLISECONDS = 86_400_000;

let run: LabRun;
beforeAll(async () => {
  run = await startRun();
});
afterAll(() => stopRun(run));

/** A key of this test alone, with the file that it names. */
function newKey(): { readonly key: string; readonly file: string } {
  const key = keyOf({ test: randomBytes(8).toString("hex") });
  return { key, file: join(keptFolder, `${key}.tar`) };
}

test("a kept snapshot has the same bytes, size and written blocks in another run", async () => {
  const { key, file } = newKey();
  const volume = await createVolume(run, { id: newId("vol"), sizeGib: 2 });
  const write = (source: string, at: number) =>
    inRun(run, ["dd", `if=${source}`, `of=${volume.dataFile}`, "bs=1M", "count=3", `seek=${at}`, "conv=notrunc,fsync"]);
  await write("/dev/urandom", 5);
  // Zeros that were written are blocks all the same.
  await write("/dev/zero", 900);
  const snapshot = await snapshotVolume(run, volume, newId("snap"));
  const other = await startRun();
  try {
    expect(isKept(key)).toBe(false);
    await keepSnapshot(run, key, snapshot);
    expect(isKept(key)).toBe(true);
    expect(existsSync(`${file}.new`)).toBe(false);
    // Of no use for nearly a day: after a whole one, the end of any other run would remove it.
    const before = new Date(Date.now() - 0.9 * DAY_MILLISECONDS);
    utimesSync(file, before, before);
    const copy = await copyKept(other, key, newId("snap"));
    expect(copy.volumeSizeGib).toBe(2);
    expect([...copy.blocks]).toEqual([...snapshot.blocks]);
    const bytes = (of: LabRun, path: string) =>
      inRun(of, ["bash", "-c", 'dd "if=$1" bs=1M skip=5 count=3 status=none | sha256sum', "bytes", path]);
    expect(await bytes(other, copy.file)).toBe(await bytes(run, snapshot.file));
    // It has been of use just now.
    expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(DAY_MILLISECONDS / 2);
  } finally {
    rmSync(file, { force: true });
    await stopRun(other);
  }
});

test("turns: one at a time, also if one of them fails", async () => {
  const said: string[] = [];
  const turn = (name: string) =>
    takeTurns(async () => {
      said.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      said.push(`${name} ends`);
      if (name === "first") throw new Error("failed in its turn");
    });
  const [first, second] = await Promise.allSettled([turn("first"), turn("second")]);
  expect([first?.status, second?.status].sort()).toEqual(["fulfilled", "rejected"]);
  const [one = "", two = ""] = said.filter((line) => line.endsWith("begins")).map((line) => line.split(" ")[0]);
  expect(said).toEqual([`${one} begins`, `${one} ends`, `${two} begins`, `${two} ends`]);
});

test("turns: a process that is killed in its turn lets go", async () => {
  const script = `require(${JSON.stringify(join(__dirname, "kept-snapshot"))})
    .takeTurns(() => new Promise(() => { console.log("mine"); setInterval(() => undefined, 1000); }))`;
  const child = spawn("node", ["--import", "tsx", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    for await (const line of createInterface({ input: child.stdout })) if (line === "mine") break;
    let isMine = false;
    const waiting = takeTurns(async () => {
      isMine = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isMine).toBe(false);
    child.kill("SIGKILL");
    await waiting;
    expect(isMine).toBe(true);
  } finally {
    child.kill("SIGKILL");
  }
});

test("lab/clean removes what nobody has copied for a day, unless somebody is at work there", async () => {
  const [old, recent] = [newKey(), newKey()];
  const clean = () => runCommand([join(__dirname, "../../../lab/clean"), "no-such-run"]);
  try {
    await takeTurns(async () => {
      for (const { file } of [old, recent]) writeFileSync(file, "");
      utimesSync(old.file, new Date(), new Date(Date.now() - 1.1 * DAY_MILLISECONDS));
      await clean();
      expect(isKept(old.key)).toBe(true);
    });
    // Another run may end, or take a turn, just now.
    for (let time = 0; time < 50 && isKept(old.key); time++) await clean();
    expect(isKept(old.key)).toBe(false);
    expect(isKept(recent.key)).toBe(true);
  } finally {
    for (const { file } of [old, recent]) rmSync(file, { force: true });
  }
});
