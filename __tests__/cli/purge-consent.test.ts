/** What is deployed and not in the file is purged only by whoever names it twice, and no text can be pasted to do so. */
import { assertNames, deployedElsewhere, missingConsent } from "../../cli/purge-consent";
import type { Target } from "../../cli/targets";
import { UsageError } from "../../cli/usage-error";
import { fakePorts } from "../../lab/fake/aws";
import { SETTINGS } from "../../lab/fake/example-state";
import { build, destroyStacks, pointer, region, run } from "../../lab/fake/world";

const MINE: Target = { region: "eu-west-1", settings: SETTINGS, inFile: true };
const OTHERS: Target = { region: "eu-west-1", settings: SETTINGS };

async function served() {
  const fake = region(SETTINGS);
  build(fake, SETTINGS, "a");
  fake.now += 3_600_000;
  await run(fake, SETTINGS);
  const look = (targets: readonly Target[], options = {}) =>
    deployedElsewhere(
      targets,
      options,
      () => fakePorts(fake),
      async () => false,
    );
  return { fake, look, id: pointer(fake, SETTINGS) };
}

test("the file's own needs the name once, whatever it serves", async () => {
  const { look } = await served();
  const elsewhere = await look([MINE]);
  expect(elsewhere.size).toBe(0);
  expect(missingConsent(elsewhere, {})).toBe("say --confirm=NAME to do this, with the cache's name for NAME");
  expect(missingConsent(elsewhere, { confirm: "ci" })).toBeNull();
});

test("what is deployed and not in the file needs it twice, and the refusal says what workers get", async () => {
  const { look, id } = await served();
  const elsewhere = await look([OTHERS]);
  const refusal = `eu-west-1 ci/x86_64 is deployed and serves ${id}, and the configuration file does not have it. Whoever deployed it may need it. To purge it all the same say --confirm=NAME --confirm-deployed=NAME, with the cache's name for NAME both times`;
  for (const said of [{}, { confirm: "ci" }, { confirmDeployed: "ci" }])
    expect(missingConsent(elsewhere, said)).toBe(refusal);
  expect(missingConsent(elsewhere, { confirm: "ci", confirmDeployed: "ci" })).toBeNull();
});

test("--name reads no file, so whatever it finds deployed is as strange", async () => {
  const { look, id } = await served();
  expect([...(await look([OTHERS], { name: "ci" }))]).toEqual([
    ["eu-west-1 ci/x86_64", `is deployed and serves ${id}, and --name reads no configuration file`],
  ]);
});

test("once its stacks are destroyed the name is needed once", async () => {
  const { fake, look } = await served();
  destroyStacks(fake, SETTINGS);
  expect((await look([OTHERS])).size).toBe(0);
});

test.each([
  [{ confirm: "other" }, "--confirm names other, expected what would be purged: ci"],
  [{ confirm: "ci", confirmDeployed: "other" }, "--confirm-deployed names other, expected what would be purged: ci"],
])("a name that is not the cache's is refused before anything is looked at: %j", (options, message) => {
  expect(() => assertNames([MINE], options)).toThrow(new UsageError(message));
});

test("several caches cannot be confirmed at once", () => {
  const targets = [MINE, { ...MINE, settings: { ...SETTINGS, name: "ml" } }];
  expect(() => assertNames(targets, { confirm: "ci" })).toThrow("expected what would be purged: ci, ml");
  expect(() => assertNames(targets, {})).not.toThrow();
});
