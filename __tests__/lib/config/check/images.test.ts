import { checkDuplicateImages, checkImageParameters, checkReferences } from "../../../../lib/config/check/images";
import { imageGroup } from "../../../../lib/image-reference";
import { configOf, shown } from "../sample";

test("references follow the grammar, wherever they stand", () => {
  const config = configOf({ images: ["python:3", "Foo", { reference: "a:" }] });
  expect(shown(checkReferences(config, "ci"))).toEqual([
    'caches.ci.images.1: "Foo": the repository "library/Foo" must be lower case',
    'caches.ci.images.2.reference: "a:": "" is no tag',
  ]);
});

test("an image stands there once, however it is spelled", () => {
  const images = [
    "python",
    { reference: "python:latest" },
    "docker.io/library/python",
    "python:3",
    "python:3",
    "Bad",
    "Bad",
  ];
  expect(shown(checkDuplicateImages(configOf({ images }), "ci"))).toEqual([
    "caches.ci.images.1.reference: python:latest, the same image as python above",
    "caches.ci.images.2: docker.io/library/python, the same image as python above",
    "caches.ci.images.4: python:3 again",
  ]);
});

test("a parameter holds 4,096 characters", () => {
  const names = Array.from({ length: 200 }, (_, index) => `a${index}`).filter((name) => imageGroup(name) === "0");
  const lines = (smoke: number) => names.slice(0, 4).map((reference) => ({ reference, smoke: "x".repeat(smoke) }));
  const length = (smoke: number) =>
    lines(smoke)
      .map(({ reference }) => `${reference} smoke=${"x".repeat(smoke)}`)
      .join("\n").length;
  const fits = 1024 - Math.ceil((length(1024) - 4096) / 4);
  expect(length(fits)).toBeLessThanOrEqual(4096);
  expect(checkImageParameters(configOf({ images: lines(fits) }), "ci")).toEqual([]);
  const [finding, ...more] = checkImageParameters(configOf({ images: lines(fits + 1) }), "ci");
  expect(more).toEqual([]);
  expect(finding!.found).toBe(`${length(fits + 1)} characters of images whose reference's SHA-256 begins with 0`);
  expect(finding!.fix).toContain(names.slice(0, 4).sort().join(", "));
});
