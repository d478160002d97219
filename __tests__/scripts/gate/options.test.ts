import { parseWish, type Wish } from "../../../scripts/gate/options";
import { STEPS } from "../../../scripts/gate/steps";

function wish(...argv: string[]): Wish {
  const found = parseWish(argv);
  if ("wrong" in found) throw new Error(found.wrong);
  return found;
}

const names = ({ steps }: Wish) => steps.map(({ name }) => name);

test("without words it is the gate; each level holds the one below, and all holds every step", () => {
  const [fast, gate, all] = [wish("fast"), wish(), wish("all")];
  expect([fast.level, gate.level, all.level]).toEqual(["fast", "gate", "all"]);
  expect(names(all)).toEqual(STEPS.map(({ name }) => name));
  expect(names(gate)).toEqual(expect.arrayContaining(names(fast)));
  expect(names(all).length).toBeGreaterThan(names(gate).length);
  expect(names(gate).length).toBeGreaterThan(names(fast).length);
});

test("a step that is named brings those that it comes after, and no other", () => {
  expect(names(wish("lab"))).toEqual(["images", "prepare", "lab"]);
  expect(names(wish("types", "bats"))).toEqual(["types", "bats"]);
  expect(wish("all", "lab")).toMatchObject({ level: "all" });
});

test("what stands behind -- is jest's", () => {
  expect(wish("all", "lab", "--", "--shard=1/2")).toMatchObject({ jestOptions: ["--shard=1/2"] });
  expect(wish("--", "worker")).toMatchObject({ level: "gate", jestOptions: ["worker"] });
});

test("what is no level and no step is told, with what there is", () => {
  expect(parseWish(["unti", "lab"])).toEqual({ wrong: expect.stringMatching(/^no step unti: .*unit/) });
  expect(parseWish(["lab", "all"])).toHaveProperty("wrong");
});

test("a step comes after steps that stand before it", () => {
  for (const [index, { after = [] }] of STEPS.entries()) {
    const before = STEPS.slice(0, index).map(({ name }) => name);
    expect(before).toEqual(expect.arrayContaining([...after]));
  }
});

test("all of it runs with ALL, the gate without, whatever the environment has", () => {
  for (const name of ["unit", "terraform", "lab"]) {
    const { env } = STEPS.find((step) => step.name === name)!;
    expect([env?.("all").ALL, env?.("gate").ALL]).toEqual(["1", ""]);
  }
});
