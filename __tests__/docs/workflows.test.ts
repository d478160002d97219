/** R17: actions are pinned by commit, and jobs get no more rights than they need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { files, ROOT } from "./pages";

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps?: readonly { readonly run?: string }[] }>>;
}

const workflows = files().filter((file) => /(?:^|\/)\.github\/workflows\/[\w-]+\.ya?ml$/.test(file));
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("there is one that runs the gate", () => {
  const runs = workflows.flatMap((file) =>
    Object.values((parse(read(file)) as Workflow).jobs).flatMap(({ steps = [] }) => steps.map(({ run = "" }) => run)),
  );
  expect(runs.some((run) => /\bscripts\/test$/.test(run))).toBe(true);
});

test.each(workflows)("%s pins every action by its commit, with the version beside it", (file) => {
  const uses = [...read(file).matchAll(/^\s*-?\s*uses:\s*(.+)$/gm)].map((match) => match[1] ?? "");
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/.test(action))).toEqual([]);
});

test.each(workflows)("%s states its rights", (file) => {
  expect((parse(read(file)) as Workflow).permissions).toBeDefined();
});
