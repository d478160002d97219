import { HOUR, snapshot, template } from "../../../../lab/fake/example-state";
import { planPruning, planTemplates, templateProblems } from "../../../../lambda-src/rotation/plan/templates";
import type { LaunchTemplate } from "../../../../lambda-src/rotation/types";
import { TAG } from "../../../../lib/contract";

const PROMOTED = snapshot("1", HOUR);

test("a mapping that cannot be read is a problem that names tag and template", () => {
  const broken = template("lt-1", undefined, { tags: { [TAG.mapping]: "size=0" } });
  expect(templateProblems([template("lt-2"), broken])).toEqual([
    expect.stringMatching(/^tag docker-cache:mapping of launch template lt-1: "size=0" is none of /),
  ]);
});

describe("actions", () => {
  test("none where $Latest and $Default carry the snapshot", () => {
    expect(planTemplates([template("lt-1", "snap-1")], PROMOTED)).toEqual([]);
  });

  test("a default that lags behind is set", () => {
    const [action] = planTemplates([template("lt-1", "snap-1", { defaultVersion: 2 })], PROMOTED);
    expect(action).toMatchObject({ kind: "set-default-version", templateId: "lt-1", version: 3 });
  });

  test("a template without the snapshot is written, in the order of ids", () => {
    const actions = planTemplates([template("lt-2"), template("lt-1", "snap-0")], PROMOTED);
    expect(actions.map((one) => one.kind === "write-template" && one.template.id)).toEqual(["lt-1", "lt-2"]);
  });
});

describe("pruning", () => {
  const old = (change: Partial<LaunchTemplate> = {}) =>
    template("lt-1", "snap-1", {
      latestVersion: 40,
      defaultVersion: 40,
      dataVersion: 40,
      rotationVersions: Array.from({ length: 33 }, (_, index) => index + 8),
      ...change,
    });

  test("keeps the newest 20 of rotation's own, what is current and what a group names", () => {
    const [action] = planPruning(
      [old({ defaultVersion: 12 })],
      [
        { templateId: "lt-1", version: 14 },
        { templateId: "lt-2", version: 15 },
      ],
    );
    expect(action).toMatchObject({ kind: "prune-versions", versions: [20, 19, 18, 17, 16, 15, 13, 11, 10, 9, 8] });
  });

  test("nothing to prune, or fewer than ten", () => {
    expect(planPruning([old({ rotationVersions: [1, 2, 3] })], [])).toEqual([]);
    const pinned = [20, 18, 16, 14].map((version) => ({ templateId: "lt-1", version }));
    expect(planPruning([old()], pinned)).toEqual([]);
  });

  test("at most 200 a call, the oldest", () => {
    const many = Array.from({ length: 300 }, (_, index) => index + 1);
    const [action] = planPruning(
      [old({ rotationVersions: many, latestVersion: 300, defaultVersion: 300, dataVersion: 300 })],
      [],
    );
    expect(
      action?.kind === "prune-versions" && [
        action.versions.length,
        Math.max(...action.versions),
        Math.min(...action.versions),
      ],
    ).toEqual([200, 200, 1]);
  });
});
