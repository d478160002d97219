/** Over any valid configuration: it resolves; and any single fault in it is told, where it is. */
import * as fc from "fast-check";
import { stringify as yamlOf } from "yaml";
import { parseConfig } from "../../../lib/config/load";
import { resolveConfig } from "../../../lib/config/resolve-config";
import { knownKeys } from "../../../lib/config/text/expected";
import { valueAt } from "../../../lib/config/text/explain";
import { formatPath, formatProblems, type Path, type Problem } from "../../../lib/config/text/problem";
import { configurations } from "./arbitrary";

/** Each run is another configuration, so that many gates look at many. */
const RUNS = 40;

/** Equal parts are written out each. */
const stringify = (data: unknown) => yamlOf(data, { aliasDuplicateObjects: false });

type Data = Record<string | number, unknown>;

function parse(data: unknown): { text: string; problems: readonly Problem[] } {
  const text = stringify(data);
  const parsed = parseConfig(text, "any.yaml");
  return { text, problems: parsed.ok ? [] : parsed.problems };
}

/** Every path of the data, its own included. */
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  return [at, ...[...keys].flatMap((key) => paths((value as Data)[key], [...at, key]))];
}

/** A copy with something done to what holds the last step of a path. */
function changed(data: unknown, path: Path, change: (holder: Data, last: string | number) => void): unknown {
  const copy = JSON.parse(JSON.stringify(data));
  change(valueAt(copy, path.slice(0, -1)) as Data, path.at(-1)!);
  return copy;
}

/** Any configuration, and one of its paths that a fault can be planted at. */
const placed = (fits: (path: Path, value: unknown) => boolean) =>
  configurations.chain((data) => {
    const fitting = paths(data).filter((path) => fits(path, valueAt(data, path)));
    return fitting.length === 0
      ? fc.constant(undefined)
      : fc.record({ data: fc.constant(data), path: fc.constantFrom(...fitting) });
  });

/** Returns the text at the place of the problem with a path. Throws if no problem has that path. */
function textAt(text: string, problems: readonly Problem[], path: Path): string {
  const problem = problems.find((one) => one.path === formatPath(path));
  if (problem === undefined)
    throw new Error(`nothing told of ${formatPath(path)}:\n${formatProblems(problems)}\n${text}`);
  return text.split("\n")[problem.line - 1]!.slice(problem.column - 1);
}

test("a valid configuration has no problem, resolves to the same bytes in any order, and is frozen", () => {
  fc.assert(
    fc.property(configurations, (data) => {
      const text = stringify(data);
      const parsed = parseConfig(text, "any.yaml");
      if (!parsed.ok) throw new Error(`${formatProblems(parsed.problems)}\n${text}`);
      const resolved = resolveConfig(parsed.config);
      expect(Object.isFrozen(resolved.regions.at(0)?.cells)).toBe(true);
      const other = parseConfig(stringify(reversed(data)), "any.yaml");
      expect(JSON.stringify(other.ok && resolveConfig(other.config))).toBe(JSON.stringify(resolved));
    }),
    { numRuns: RUNS },
  );
});

/** The same with the keys of every map, and the lists of images, the other way round. */
function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(
    entries.map(([key, part]) => [
      key,
      /^images(_from)?$/.test(key) ? [...(part as unknown[])].reverse() : reversed(part),
    ]),
  );
}

test("a value of a kind that is nowhere allowed is told", () => {
  fc.assert(
    fc.property(
      placed((path) => path.length > 0),
      (at) => {
        const { data, path } = at!;
        const { text, problems } = parse(
          changed(data, path, (holder, last) => Object.assign(holder, { [last]: [[true]] })),
        );
        expect(textAt(text, problems, whereTold(path))).toMatch(/^(- - true|- true)/);
      },
    ),
    { numRuns: RUNS },
  );
});

/** Lists are told by their first bad element. */
function whereTold(path: Path): Path {
  const list = ["images", "images_from", "at", "fast_restore_zones", "security_group_ids", "registries", "policy_arns"];
  const ofEntries = ["ci_images", "layer_cache"].includes(path[0] as string);
  const isList =
    list.concat("protected_branches").includes(path.at(-1) as string) || (ofEntries && path.at(-1) === "regions");
  return isList ? [...path, 0] : path;
}

test("an unknown key is told", () => {
  fc.assert(
    fc.property(
      placed(
        (path, value) =>
          typeof value === "object" && value !== null && !Array.isArray(value) && knownKeys(path).length > 0,
      ),
      (at) => {
        const { data, path } = at!;
        const key = [...path, "zzz_unknown"];
        const { text, problems } = parse(changed(data, key, (holder, last) => Object.assign(holder, { [last]: 1 })));
        expect(textAt(text, problems, key)).toBe("zzz_unknown: 1");
      },
    ),
    { numRuns: RUNS },
  );
});

test("a number out of bounds is told", () => {
  fc.assert(
    fc.property(
      placed((_, value) => typeof value === "number"),
      fc.constantFrom(-1, 1_000_000, 1.5),
      (at, number) => {
        if (at === undefined) return;
        const { text, problems } = parse(
          changed(at.data, at.path, (holder, last) => Object.assign(holder, { [last]: number })),
        );
        expect(textAt(text, problems, at.path)).toBe(`${number}`);
      },
    ),
    { numRuns: RUNS },
  );
});

test("text with a blank at either end, where spelling counts, is told", () => {
  const free = ["script", "smoke", "tags"];
  fc.assert(
    fc.property(
      placed((path, value) => typeof value === "string" && !path.some((key) => free.includes(String(key)))),
      fc.constantFrom(" x", "x "),
      (at, text) => {
        if (at === undefined) return;
        const told = parse(changed(at.data, at.path, (holder, last) => Object.assign(holder, { [last]: text })));
        expect(textAt(told.text, told.problems, at.path)).toBe(`"${text}"`);
      },
    ),
    { numRuns: RUNS },
  );
});

test("what must be given and is not is told", () => {
  const needed = ["regions", "caches", "images", "reference", "host", "secret_name", "bucket", "backend"];
  fc.assert(
    fc.property(
      placed(
        (path) =>
          path[0] !== "layer_cache" &&
          needed.includes(String(path.at(-1))) &&
          !(path.length > 1 && path.at(-1) === "regions"),
      ),
      (at) => {
        const { data, path } = at!;
        // Without caches, the entries of a companion are enough; without images, those of images_from.
        const lacking = changed(data, path, (holder, last) => {
          delete holder[last];
          if (last === "caches") {
            delete holder.ci_images;
            delete holder.layer_cache;
          }
          if (last === "images") delete holder.images_from;
        });
        const { text, problems } = parse(lacking);
        expect(textAt(text, problems, path)).toBeDefined();
      },
    ),
    { numRuns: RUNS },
  );
});

test("two faults are both told", () => {
  fc.assert(
    fc.property(
      placed((_, value) => typeof value === "number"),
      (at) => {
        if (at === undefined) return;
        const broken = changed(at.data, at.path, (holder, last) => Object.assign(holder, { [last]: -1 }));
        const { text, problems } = parse({ ...(broken as object), projekt: "x" });
        expect(textAt(text, problems, at.path)).toBe("-1");
        expect(textAt(text, problems, ["projekt"])).toBe("projekt: x");
      },
    ),
    { numRuns: 50 },
  );
});

test("nothing that anybody writes makes it throw, and whatever it refuses it says why", () => {
  const words = [
    "a",
    "regions",
    "caches",
    "images",
    ":",
    " ",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "*",
    "&",
    "3.10",
    "~",
    '"',
    "#",
    "\t",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => {
      const parsed = parseConfig(parts.join(""), "any.yaml");
      expect(parsed.ok ? 1 : parsed.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
