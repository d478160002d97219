import { ensureMoto, modelsFolder } from "../../../../lab/aws/moto/server";
import { type Models, readModels } from "../../../../lab/aws/wire/model";
import { problemsOf } from "../../../../lab/aws/wire/validate";

let models: Models;
beforeAll(async () => {
  models = readModels(await modelsFolder(await ensureMoto()));
}, 120_000);

const problems = (service: string, shape: string, value: unknown) => problemsOf(models(service), { shape }, value);

test.each(["dlm", "ecr", "rbin", "scheduler"])("every pattern of %s can be read", (service) => {
  const shapes = Object.entries(models(service).shapes).filter(([, shape]) => shape.pattern !== undefined);
  expect(shapes.length).toBeGreaterThan(5);
  for (const [name] of shapes) expect(() => problems(service, name, "x")).not.toThrow();
});

test("unknown and missing members, bounds, patterns and enumerations are told, with the place", () => {
  const rule = {
    Encrypted: true,
    Target: "us-east-1",
    RetainRule: { Interval: 0, IntervalUnit: "HOURS" },
    Colour: "red",
  };
  expect(problems("dlm", "CrossRegionCopyRule", rule)).toEqual([
    "input: unknown member Colour",
    "input.RetainRule.Interval 0 is less than 1",
    "input.RetainRule.IntervalUnit: HOURS is not one of DAYS, WEEKS, MONTHS, YEARS",
  ]);
  expect(problems("dlm", "CrossRegionCopyRules", [{}, {}, {}, {}])[0]).toBe(
    "input: number of elements 4 is more than 3",
  );
  expect(problems("dlm", "CrossRegionCopyRule", {})).toEqual(["input: missing member Encrypted"]);
  expect(problems("dlm", "TagMap", { "aws:x": "y" })).toEqual([expect.stringContaining("does not match")]);
  expect(problems("rbin", "RuleArn", "arn:aws:rbin:eu-west-1:123456789012:rule/abcdefghijk")).toEqual([]);
});
