/** Files that GitHub and pre-commit read and nothing here runs: forms, updates, hooks. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { projectFiles, ROOT } from "../../lab/tools/project";
import { parseWish } from "../../scripts/gate/options";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly description?: string; readonly value?: string };
}
interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Field[];
}

const FORMS = ".github/ISSUE_TEMPLATE";
const form = (name: string) => parse(read(`${FORMS}/${name}.yml`)) as Form;

test.each(["bug", "feature"])("the form %s is one that GitHub takes", (name) => {
  const { body, ...head } = form(name);
  expect(head.name).toMatch(/^\S.{2,}$/);
  expect(head.description).toMatch(/^\S.{10,200}$/);
  const fields = body.filter(({ type }) => type !== "markdown");
  expect(fields.length).toBeGreaterThan(2);
  for (const { type, id, attributes } of fields) {
    expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(type);
    expect(id).toMatch(/^[a-z-]+$/);
    expect(attributes.label).toBeTruthy();
  }
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
});

test("a bug comes with version, region and the command's answer, without account ids", () => {
  const asked = form("bug").body.map(({ id }) => id);
  expect(asked).toEqual(expect.arrayContaining(["version", "region", "status"]));
  const { label, description } = form("bug").body.find(({ id }) => id === "status")?.attributes ?? {};
  expect(label).toContain("docker-cache status --json");
  expect(description).toMatch(/remove account ids/i);
});

test("a vulnerability is reported as SECURITY.md says", () => {
  expect(existsSync(join(ROOT, "SECURITY.md"))).toBe(true);
  expect(read(`${FORMS}/bug.yml`)).toContain("SECURITY.md");
  const { contact_links: links } = parse(read(`${FORMS}/config.yml`)) as { contact_links: { about: string }[] };
  expect(links[0]?.about).toContain("SECURITY.md");
});

interface Update {
  readonly "package-ecosystem": string;
  readonly directory?: string;
  readonly directories?: readonly string[];
  readonly groups: object;
}

test("every list of packages is moved by dependabot, in groups", () => {
  const { updates } = parse(read(".github/dependabot.yml")) as { updates: readonly Update[] };
  for (const { groups } of updates) expect(Object.keys(groups)).not.toEqual([]);
  const moved = updates.flatMap(({ "package-ecosystem": kind, directory, directories = [] }) =>
    [directory ?? [], directories].flat().map((folder) => `${kind} ${folder}`),
  );
  const lists = projectFiles().flatMap((file) => {
    const folder = join("/", dirname(file));
    if (/(?:^|\/)package\.json$/.test(file)) return [`npm ${folder}`];
    if (/(?:^|\/)go\.mod$/.test(file)) return [`gomod ${folder}`];
    return /(?:^|\/)requirements\.txt$/.test(file) ? [`pip ${folder}`] : [];
  });
  expect(moved.toSorted()).toEqual([...lists, "devcontainers /", "github-actions /"].toSorted());
});

interface Hook {
  readonly entry: string;
}

test("pre-commit calls steps of the gate, and hands them no files", () => {
  const { repos } = parse(read(".pre-commit-config.yaml")) as { repos: { repo: string; hooks: Hook[] }[] };
  expect(repos.map(({ repo }) => repo)).toEqual(["local"]);
  const [hook, ...others] = repos.flatMap(({ hooks }) => hooks);
  expect(others).toEqual([]);
  expect(hook).toMatchObject({ language: "system", pass_filenames: false });
  const [program, ...argv] = hook?.entry.split(" ") ?? [];
  expect(program).toBe("scripts/test");
  expect(parseWish(argv)).toMatchObject({ steps: [{ name: "format" }, { name: "shell" }] });
});
