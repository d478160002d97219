import { pruned, unlessMissing } from "../../../lib/config/prune";
import type { Config } from "../../../lib/config/schema";

const cache = (fields: object = {}) => ({ images: ["a"], ...fields });
const whole = (caches: object, regions: object = { "eu-west-1": {} }) => ({ regions, caches });
const look = (config: Config | undefined, read: (config: Config) => unknown) => unlessMissing(() => [read(config!)]);

test("a value that is refused is missing, and what is beside it is not", () => {
  const config = pruned(whole({ ci: cache({ volume: { size_gib: "x", type: "gp2" } }) }));
  expect(look(config, ({ caches }) => caches.ci!.volume.size_gib)).toEqual([]);
  expect(look(config, ({ caches }) => caches.ci!.volume.type)).toEqual(["gp2"]);
});

test("an unknown key makes the one missing that it was meant to be", () => {
  const config = pruned(whole({ ci: cache({ volume: { sise_gib: 5 }, colour: "red" }) }));
  expect(look(config, ({ caches }) => caches.ci!.volume.size_gib)).toEqual([]);
  expect(look(config, ({ caches }) => caches.ci!.volume.iops)).toEqual([null]);
});

test("of a list with bad entries all is missing", () => {
  const config = pruned(whole({ ci: cache({ images: [3, "a", [], "b"] }) }));
  expect(look(config, ({ caches }) => caches.ci!.images)).toEqual([]);
  expect(look(config, ({ caches }) => caches.ci!.role_path)).toEqual(["/"]);
});

test("what lacks something goes as a whole", () => {
  const config = pruned(whole({ ci: {}, other: cache(), third: cache({ images: [3] }) }));
  expect(look(config, ({ caches }) => caches.ci)).toEqual([]);
  expect(look(config, ({ caches }) => caches.third)).toEqual([]);
  expect(look(config, ({ caches }) => caches.other!.images)).toEqual([["a"]]);
});

test("a bad key goes with what it holds", () => {
  const config = pruned(whole({ ci: cache() }, { nowhere: {}, "eu-west-1": {} }));
  expect(look(config, ({ regions }) => regions.nowhere)).toEqual([]);
  expect(look(config, ({ regions }) => regions["eu-west-1"]!.copy_from)).toEqual([null]);
});

test.each([[null], [[]], [{}], [whole({})], [whole({ ci: 3 })], [whole({ ci: cache() }, { nowhere: {} })]])(
  "%j leaves nothing",
  (value) => {
    expect(pruned(value)).toBeUndefined();
  },
);

test("does not touch what it is given", () => {
  const value = whole({ ci: cache({ role_path: 3 }) });
  pruned(value);
  expect(value).toEqual(whole({ ci: cache({ role_path: 3 }) }));
});

test("another error is no gap", () => {
  expect(() =>
    unlessMissing(() => {
      throw new Error("defect");
    }),
  ).toThrow("defect");
});
