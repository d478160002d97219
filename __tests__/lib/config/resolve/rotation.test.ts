import { ROTATION_DEFAULTS } from "../../../../lib/contract";
import { cellOf, copying } from "../sample";

test("a region that copies has no builder, and no cadence below a day", () => {
  const build = { at: ["02:00", "14:00"] };
  const copy = cellOf({ build }, copying("us-east-1"), "us-east-1");
  expect(copy.builder).toBeNull();
  expect(copy.rotation).toMatchObject({ copyFrom: "eu-west-1", cadenceHours: 24 });
  expect(cellOf({ build }, copying("us-east-1")).rotation).toMatchObject({ copyFrom: null, cadenceHours: 12 });
});

test("the function's runtime is what is given, else what every AWS provider of the file takes", () => {
  const of = (rotation: object, top: object = {}) => cellOf({ rotation }, top).rotation.lambdaRuntime;
  const newer = { aws_provider_version: "~> 6.19" };
  expect([of({}), of({}, newer), of({ lambda_runtime: "nodejs22.x" }, newer)]).toEqual([
    ...["nodejs22.x", "nodejs24.x", "nodejs22.x"],
  ]);
});

test("what the command line assumes of a cache that nothing is known of is what the configuration says by default", () => {
  expect(cellOf().rotation).toMatchObject(ROTATION_DEFAULTS);
});
