import { checkBuilderVolume, checkMinFree, checkWorkerVolume } from "../../../../lib/config/check/volumes";
import { configOf, shown } from "../sample";

const AT = "caches.ci.volume";

describe("the builder's volume", () => {
  test.each<[object, string[]]>([
    [{}, []],
    [{ size_gib: 65536 }, []],
    [{ type: "gp2", size_gib: 16384 }, []],
    [{ type: "gp2", size_gib: 16385 }, [`${AT}.size_gib: 16385 GiB`]],
    [{ type: "io1", iops: 200, size_gib: 4 }, []],
    [{ type: "io1", iops: 201, size_gib: 4 }, [`${AT}.iops: 201`]],
    [{ type: "io1", iops: 64000, size_gib: 1280 }, []],
    [{ type: "io1", iops: 64001, size_gib: 2000 }, [`${AT}.iops: 64001`]],
    [{ type: "io1", size_gib: 16385 }, [`${AT}.size_gib: 16385 GiB`, `${AT}.iops: nothing`]],
    [{ type: "io2", iops: 256000, size_gib: 256 }, []],
    [{ type: "io2", iops: 256000, size_gib: 255 }, [`${AT}.iops: 256000`]],
    [{ type: "io2" }, [`${AT}.iops: nothing`]],
    [{ type: "gp2", iops: 3000 }, [`${AT}.iops: 3000`]],
    [{ iops: 3000, size_gib: 4 }, []],
    [{ iops: 3001, size_gib: 4 }, [`${AT}.iops: 3001`]],
    [{ iops: 2999 }, [`${AT}.iops: 2999`]],
    [{ iops: 80000, size_gib: 160 }, []],
    [{ iops: 80001, size_gib: 1000 }, [`${AT}.iops: 80001`]],
    [{ throughput_mibps: 750 }, []],
    [{ throughput_mibps: 751 }, [`${AT}.throughput_mibps: 751 MiB/s`]],
    [{ throughput_mibps: 2000, iops: 8000 }, []],
    [{ throughput_mibps: 2000, iops: 7999 }, [`${AT}.throughput_mibps: 2000 MiB/s`]],
    [{ type: "gp2", throughput_mibps: 125 }, [`${AT}.throughput_mibps: 125 MiB/s`]],
    [{ type: "io2", iops: 1000, throughput_mibps: 125 }, [`${AT}.throughput_mibps: 125 MiB/s`]],
  ])("%j", (volume, found) => {
    expect(shown(checkBuilderVolume(configOf({ volume }), "ci"))).toEqual(found);
  });

  test("too many IOPS for the size and for the type are told apart", () => {
    const of = (volume: object) => checkBuilderVolume(configOf({ volume }), "ci")[0]!;
    expect(of({ iops: 4000, size_gib: 7 })).toMatchObject({
      expected: "3000 to 3500 IOPS for 7 GiB of type gp3",
      fix: "change it, or enlarge the volume",
    });
    expect(of({ iops: 90000, size_gib: 1000 })).toMatchObject({
      expected: "3000 to 80000 IOPS for 1000 GiB of type gp3",
      fix: "change it",
    });
  });
});

describe("the worker's volume", () => {
  test.each<[object, object, string[]]>([
    [{}, {}, []],
    [{ size_gib: 200 }, {}, []],
    [{ size_gib: 200 }, { size_gib: 200 }, []],
    [{ size_gib: 200 }, { size_gib: 199 }, ["caches.ci.worker.volume.size_gib: 199 GiB"]],
    [{ size_gib: 4 }, { type: "io1", iops: 2700 }, []], // 54 GiB
    [{ size_gib: 4 }, { type: "io1", iops: 2701 }, ["caches.ci.worker.volume.iops: 2701"]],
  ])("beside a builder's of %j: %j", (volume, worker, found) => {
    expect(shown(checkWorkerVolume(configOf({ volume, worker: { volume: worker } }), "ci"))).toEqual(found);
  });
});

test.each<[object, string[]]>([
  [{ min_free_gib: 149 }, []],
  [{ min_free_gib: 150 }, ["caches.ci.worker.min_free_gib: 150 GiB"]],
  [{ min_free_gib: 150, volume: { size_gib: 151 } }, []],
  [{ min_free_gib: 151, volume: { size_gib: 151 } }, ["caches.ci.worker.min_free_gib: 151 GiB"]],
])("free space of a worker of %j", (worker, found) => {
  expect(shown(checkMinFree(configOf({ worker }), "ci"))).toEqual(found);
});
