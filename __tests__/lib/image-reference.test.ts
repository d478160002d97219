import * as fc from "fast-check";
import { PARAMETER_VALUE_MAXIMUM } from "../../lib/contract";
import {
  formatImageReference,
  IMAGE_LINE,
  imageGroup,
  imageGroups,
  imageLine,
  imageReferenceProblem,
  normalizeImageReference,
  parseImageReference,
} from "../../lib/image-reference";
import vectors from "../fixtures/image-references.json";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("references of the distribution grammar", () => {
  test.each(vectors.references)("$text", ({ text, familiar, ...parts }) => {
    expect(imageReferenceProblem(text)).toBeUndefined();
    expect(parseImageReference(text)).toEqual(parts);
    const { domain, path, tag, digest } = parseImageReference(familiar);
    expect([domain, path, digest ?? tag]).toEqual([parts.domain, parts.path, parts.digest ?? parts.tag ?? "latest"]);
  });

  test.each([
    ["", '"library/" is no repository name'],
    ["Python", 'the repository "library/Python" must be lower case'],
    ["repo/Image", "must be lower case"],
    ["a b", "is no repository name"],
    ["-a/b", "is no repository name"],
    ["a//b", "is no repository name"],
    ["a..b", "is no repository name"],
    ["a___b", "is no repository name"],
    ["a/", "is no repository name"],
    ["/a", "is no repository name"],
    ["a:", '"" is no tag'],
    ["a:-x", '"-x" is no tag'],
    [`a:${"x".repeat(129)}`, "is no tag"],
    ["a@sha256:abc", "is no digest"],
    [`a@${DIGEST.toUpperCase()}`, "is no digest"],
    ["a@", '"" is no digest'],
    [`a@md5:${"a".repeat(32)}`, "is no digest"],
    ["-host.com/a", '"-host.com" is no registry host'],
    ["host_name.com/a", "is no registry host"],
    ["host.com:port/a", "is no registry host"],
    ["a".repeat(256), "the repository has 264 characters, over 255"],
    ["0123456789abcdef".repeat(4), "64 hex digits are an image id, not a reference"],
  ])("refuses %j", (text, problem) => {
    expect(imageReferenceProblem(text)).toContain(problem);
    expect(() => parseImageReference(text)).toThrow(`image reference "${text}": `);
  });
});

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const references = fc.record({
  domain: fc.oneof(
    fc.constantFrom("docker.io", "localhost", "localhost:5000", "ghcr.io", "[::1]:80"),
    fc.tuple(word, word).map(([a, b]) => `${a}.${b}`),
  ),
  path: fc.array(
    fc.tuple(word, fc.constantFrom("", "_x", "__x", ".x", "--x")).map((parts) => parts.join("")),
    {
      minLength: 2,
      maxLength: 4,
    },
  ),
  tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
  digest: fc.option(fc.constant(DIGEST)),
});

test("a reference written in full is read back, and normalised once is normalised", () => {
  fc.assert(
    fc.property(references, ({ path, ...rest }) => {
      const reference = { ...rest, path: path.join("/") };
      expect(parseImageReference(formatImageReference(reference))).toEqual(reference);
      const normal = normalizeImageReference(formatImageReference(reference));
      expect(normalizeImageReference(normal)).toBe(normal);
    }),
  );
});

test.each([
  ["python", "docker.io/library/python:latest"],
  ["python:3", "docker.io/library/python:3"],
  [`python@${DIGEST}`, `docker.io/library/python@${DIGEST}`],
  ["ghcr.io/a/b", "ghcr.io/a/b:latest"],
])("%s is %s", (text, normal) => {
  expect(normalizeImageReference(text)).toBe(normal);
});

describe("lines of the contract", () => {
  test.each(vectors.lines)("$line", ({ line, ...entry }) => {
    const warm = entry.warm as "start" | "whole";
    expect(imageLine({ ...entry, warm })).toBe(line);
    const [, reference, optional, whole, , smoke = null] = IMAGE_LINE.exec(line) ?? [];
    expect({ reference, optional: optional !== undefined, warm: whole ? "whole" : "start", smoke }).toEqual(entry);
  });

  test("a plain reference is its own line", () => {
    expect(imageLine("python:3")).toBe("python:3");
  });

  test.each([...vectors.refusedLines, "", "a smoke=x\ny"])("refuses %j", (line) => {
    expect(line).not.toMatch(IMAGE_LINE);
  });
});

describe("groups", () => {
  test("follow the first hex digit of the reference's SHA-256, as Terraform's sha256 has it", () => {
    // printf %s python:3.12-slim | sha256sum
    expect(imageGroup("python:3.12-slim optional smoke=x")).toBe(imageGroup("python:3.12-slim"));
    expect(imageGroup("a")).toBe("c");
    expect(imageGroup("abc")).toBe("b");
  });

  test("hold every line once, in order, and no empty group, whatever the order of the list", () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 60 }), (lines) => {
        const groups = imageGroups(lines);
        expect(
          Object.values(groups)
            .flatMap((value) => value.split("\n"))
            .sort(),
        ).toEqual([...lines].sort());
        expect(Object.keys(groups)).toEqual(Object.keys(groups).sort());
        for (const [digit, value] of Object.entries(groups)) {
          const group = value.split("\n");
          expect(group).toEqual([...group].sort());
          expect(group.map(imageGroup)).toEqual(group.map(() => digit));
        }
        expect(JSON.stringify(imageGroups([...lines].reverse()))).toBe(JSON.stringify(groups));
      }),
    );
  });

  test("an added image is one added line", () => {
    const before = Object.values(imageGroups(["a", "b", "c"]))
      .join("\n")
      .split("\n");
    const after = Object.values(imageGroups(["a", "b", "c", "d"]))
      .join("\n")
      .split("\n");
    expect(after.filter((line) => !before.includes(line))).toEqual(["d"]);
  });

  test("five hundred images of usual length fit", () => {
    const lines = Array.from(
      { length: 500 },
      (_, index) => `registry.example.com/team/application-${index}:1.${index}`,
    );
    for (const value of Object.values(imageGroups(lines))) expect(value.length).toBeLessThan(PARAMETER_VALUE_MAXIMUM);
  });
});
