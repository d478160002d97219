import { HOUR, snapshot, template } from "../../../lab/fake/example-state";
import { isDeviceName, isSameDevice, parseMapping, tagProblems } from "../../../lambda-src/rotation/template-tags";
import { TAG } from "../../../lib/contract";

/** 50 GiB. */
const PROMOTED = snapshot("1", HOUR);

test.each(["size", "size=", "size=0", "size=1.5", "colour=red", "type=", "type=gp33", "rate=fast", "size=100=5"])(
  "%p cannot be read, and is left out",
  (text) => {
    const { values, problems } = parseMapping(`iops=3000 ${text}`);
    expect(values).toEqual({ iops: 3000 });
    expect(problems).toEqual([expect.stringContaining(`found ${JSON.stringify(text)}, expected size=, type=`)]);
  },
);

const problemsOf = (mapping: string, promoted: typeof PROMOTED | null = PROMOTED) =>
  tagProblems(template("lt-1", undefined, { tags: { [TAG.mapping]: mapping } }), promoted ?? undefined).map((problem) =>
    problem.replace("tag docker-cache:mapping of launch template lt-1: ", ""),
  );

describe("what EC2 takes", () => {
  test.each([
    "",
    "size=100 type=gp3 iops=3000 throughput=125 rate=100",
    "iops=25000 rate=300",
    "size=65536 iops=80000 throughput=2000",
    "type=io2 iops=100",
    "type=gp2",
    // Enlarged to the snapshot's 50 GiB, and judged as such.
    "size=1 iops=25000",
  ])("%p", (mapping) => {
    expect(problemsOf(mapping)).toEqual([]);
  });
});

describe("what EC2 refuses", () => {
  test.each([
    ["type=gp33", 'found "type=gp33", expected size='],
    ["iops=1", "iops: found 1, expected 3000 to 25000 IOPS for 50 GiB of type gp3: change it"],
    ["iops=25001", "iops: found 25001, expected 3000 to 25000 IOPS for 50 GiB of type gp3: change it"],
    ["rate=7", "rate: found 7 MiB/s, expected 100 to 300 MiB/s: change it, or remove it"],
    ["rate=301", "rate: found 301 MiB/s, expected 100 to 300 MiB/s"],
    ["throughput=124", "throughput: found 124 MiB/s, expected 125 to 2000 MiB/s of type gp3: change it"],
    ["throughput=751", "throughput: found 751 MiB/s, expected at most 750 MiB/s with 3000 IOPS: ask for 3004 IOPS"],
    ["size=65537", "size: found 65537 GiB, expected 1 to 65536 GiB of type gp3"],
    ["type=io2", "iops: found nothing, expected IOPS for a volume of type io2: add iops"],
    ["type=gp2 iops=3000", "iops: found 3000, expected no IOPS, for gp2 takes none"],
    ["type=io1 iops=2501", "iops: found 2501, expected 100 to 2500 IOPS for 50 GiB of type io1"],
    ["type=gp2 throughput=125", "throughput: found 125 MiB/s, expected no throughput, for gp2 takes none"],
  ])("%p", (mapping, problem) => {
    expect(problemsOf(mapping)).toEqual([expect.stringContaining(problem)]);
  });

  test("all of it is told", () => {
    expect(problemsOf("size=70000 iops=1 rate=7")).toHaveLength(3);
  });
});

test("while nothing is promoted, what depends on an unknown size is not judged", () => {
  expect(problemsOf("iops=80000", null)).toEqual([]);
  expect(problemsOf("iops=80001", null)).toEqual([
    "iops: found 80001, expected 3000 to 80000 IOPS of type gp3: change it",
  ]);
  expect(problemsOf("size=6 iops=3001", null)).toEqual([expect.stringContaining("for 6 GiB")]);
});

describe("device names", () => {
  test.each([
    "/dev/sdf",
    "/dev/sdb",
    "/dev/sdz",
    "/dev/sdf1",
    "/dev/sdp15",
    "/dev/xvdf",
    "/dev/xvdba",
    "sdh",
    "xvdf",
    "sdf15",
  ])("%s is one", (name) => {
    expect(isDeviceName(name)).toBe(true);
  });

  test("with and without /dev/ they are one device's", () => {
    const others = ["sdf", "/dev/sdf", "/dev/xvdf", undefined];
    expect(others.map((other) => isSameDevice(other, "/dev/sdf"))).toEqual([true, true, false, false]);
  });

  test.each([
    "/dev/sda1",
    "/dev/sda",
    "/dev/xvda",
    "sda1",
    "xvda",
    "dev/sdf",
    "/dev/",
    "/dev/sdf16",
    "/dev/sdf0",
    "/dev/nvme1n1",
    "/dev/xvdzz",
    "/dev/sdF",
    "",
  ])("%p is none, or the root's", (name) => {
    expect(isDeviceName(name)).toBe(false);
    expect(tagProblems(template("lt-1", undefined, { tags: { [TAG.device]: name } }), PROMOTED)).toEqual([
      `tag docker-cache:device of launch template lt-1: found ${JSON.stringify(name)}, expected a device name of EC2's beside the root, such as /dev/sdf`,
    ]);
  });
});
