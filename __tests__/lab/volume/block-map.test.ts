import { blockBytes, blocksChanged, blocksOf, type Extent, parseExtents } from "../../../lab/volume/block-map";

const kib = 1024;
const extent = (logical: number, physical: number, length: number): Extent => ({
  logical: logical * kib,
  physical: physical * kib,
  length: length * kib,
});

describe("parseExtents", () => {
  it("reads filefrag's table", () => {
    const table = `Filesystem type is: 58465342
File size of /volumes/v is 8589934592 (8388608 blocks of 1024 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..      63:       1024..      1087:     64:             shared
   1:     4096..    8191:     540672..    544767:   4096:       5120: unwritten,last
/volumes/v: 2 extents found
`;
    expect(parseExtents(table)).toEqual([extent(0, 1024, 64), extent(4096, 540_672, 4096)]);
  });

  it("reads an empty file's", () => {
    expect(parseExtents("/volumes/v: 0 extents found\n")).toEqual([]);
  });
});

describe("blocksOf", () => {
  it("counts each block of 512 KiB that holds anything once", () => {
    expect(blocksOf([extent(0, 1000, 4), extent(100, 5000, 4), extent(1020, 9000, 8)])).toEqual(new Set([0, 1, 2]));
  });

  it("counts nothing in an empty file", () => {
    expect(blocksOf([]).size).toBe(0);
  });
});

describe("blocksChanged", () => {
  const older = [extent(0, 10_000, 4096), extent(8192, 20_000, 1024)];

  it.each<[string, Extent[], number[]]>([
    ["nothing was written", older, []],
    [
      "the same is split into more extents",
      [extent(0, 10_000, 100), extent(100, 10_100, 3996), extent(8192, 20_000, 1024)],
      [],
    ],
    [
      "one block was written",
      [extent(0, 10_000, 512), extent(512, 50_000, 512), extent(1024, 11_024, 3072), extent(8192, 20_000, 1024)],
      [1],
    ],
    [
      "4 KiB were written over a block's end",
      [extent(0, 10_000, 510), extent(510, 50_000, 4), extent(514, 10_514, 3582), extent(8192, 20_000, 1024)],
      [0, 1],
    ],
    ["a hole was filled", [...older.slice(0, 1), extent(4608, 60_000, 512), ...older.slice(1)], [9]],
    ["the file was never one with the other", [extent(0, 70_000, 1024)], [0, 1]],
    ["something was given back", older.slice(0, 1), []],
  ])("when %s", (_, newer, changed) => {
    expect([...blocksChanged(older, newer)]).toEqual(changed);
  });

  it("of nothing is everything", () => {
    expect(blocksChanged([], older)).toEqual(blocksOf(older));
  });

  it("agrees with comparing 1 KiB by 1 KiB", () => {
    const place = (extents: readonly Extent[]) => {
      const map = new Map<number, number>();
      for (const { logical, physical, length } of extents)
        for (let i = 0; i < length; i += kib) map.set(logical + i, physical + i);
      return map;
    };
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 300; round++) {
      const make = () => {
        const extents: Extent[] = [];
        for (let at = random(300); at < 6000; at += random(300)) {
          const length = 1 + random(600);
          extents.push(extent(at, at + 100_000 * random(2), length));
          at += length;
        }
        return extents;
      };
      const [one, two] = [make(), make()];
      const old = place(one);
      const expected = new Set<number>();
      for (const [logical, physical] of place(two))
        if (old.get(logical) !== physical) expected.add(Math.floor(logical / blockBytes));
      expect(blocksChanged(one, two)).toEqual(expected);
    }
  });
});
