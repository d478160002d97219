import { type Config, configSchema } from "../../../../lib/config/schema/schema";
import { present, pruned as prunedBy, unlessMissing } from "../../../../lib/config/text/prune";

const pruned = (value: unknown) => prunedBy(value, configSchema);
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

test("of a list with bad entries those are missing, and the others are where they were", () => {
  const config = pruned(whole({ ci: cache({ images: [3, "a", [], {}, "b"] }) }));
  expect(look(config, ({ caches }) => [...caches.ci!.images])).toEqual([]);
  expect(look(config, ({ caches }) => present(caches.ci!.images))).toEqual([
    [
      [1, "a"],
      [4, "b"],
    ],
  ]);
  expect(look(config, ({ caches }) => caches.ci!.role_path)).toEqual(["/"]);
});

test("what is required and not there is missing, and what is beside it is not", () => {
  const login = { host: "ghcr.io" };
  const config = pruned(whole({ ci: { role_path: "/x/" }, third: cache({ images: [3], registries: [login] }) }));
  expect(look(config, ({ caches }) => caches.ci!.role_path)).toEqual(["/x/"]);
  expect(look(config, ({ caches }) => caches.third!.registries[0]!.secret_name)).toEqual([]);
  expect(look(config, ({ caches }) => caches.third!.registries[0]!.host)).toEqual(["ghcr.io"]);
});

test("what lacks something that nothing can stand in for goes as a whole", () => {
  const config = pruned({ ...whole({ ci: cache() }), state: { bucket: "somewhere" } });
  expect(look(config, ({ state }) => state)).toEqual([]);
  expect(look(config, ({ project }) => project)).toEqual(["docker-cache"]);
});

test("a bad key goes with what it holds", () => {
  const config = pruned(whole({ ci: cache() }, { nowhere: {}, "eu-west-1": {} }));
  expect(look(config, ({ regions }) => regions.nowhere)).toEqual([]);
  expect(look(config, ({ regions }) => regions["eu-west-1"]!.copy_from)).toEqual([null]);
});

test.each([[{}], [whole({})], [whole({ ci: 3 })], [whole({ ci: cache() }, { nowhere: {} })]])(
  "of %j regions or caches are missing as a whole, and the rest is not",
  (value) => {
    const config = pruned({ ...value, tags: { a: "b" } });
    expect(look(config, ({ regions, caches }) => [regions["eu-west-1"], caches.ci])).toEqual([]);
    expect(look(config, ({ tags }) => tags)).toEqual([{ a: "b" }]);
  },
);

test.each([[null], [[]], ["text"]])("%j leaves nothing", (value) => {
  expect(pruned(value)).toBeUndefined();
});

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
