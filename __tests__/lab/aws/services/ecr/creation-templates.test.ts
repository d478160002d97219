import { type CreationReason, templateFor } from "../../../../../lab/aws/services/ecr/creation-templates";
import type { CreationTemplate } from "../../../../../lab/aws/state";

const template = (prefix: string, ...appliedFor: CreationReason[]) =>
  ({ prefix, appliedFor }) as CreationTemplate & object;
const TEMPLATES = [
  template("ROOT", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"),
  template("docker-hub", "PULL_THROUGH_CACHE"),
  template("docker-hub/library/", "PULL_THROUGH_CACHE"),
  template("docker-hub/library/node", "REPLICATION"),
];

test.each<[string, CreationReason, string | undefined]>([
  ["docker-hub/acme/app", "PULL_THROUGH_CACHE", "docker-hub"],
  ["docker-hub/library/alpine", "PULL_THROUGH_CACHE", "docker-hub/library/"],
  // The longer prefix is for replication alone.
  ["docker-hub/library/node/slim", "PULL_THROUGH_CACHE", "docker-hub/library/"],
  ["docker-hub/library/node/slim", "REPLICATION", "docker-hub/library/node"],
  ["docker-hub/library-2/x", "PULL_THROUGH_CACHE", "docker-hub"],
  ["docker-hub-2/x", "PULL_THROUGH_CACHE", "ROOT"],
  ["docker-hub", "PULL_THROUGH_CACHE", "ROOT"],
  ["ROOT/x", "PULL_THROUGH_CACHE", "ROOT"],
  ["docker-hub/acme/app", "CREATE_ON_PUSH", "ROOT"],
  ["quay/x", "REPLICATION", undefined],
])("the repository %s by %s is made from the template %s", (name, reason, expected) => {
  expect(templateFor(TEMPLATES, name, reason)?.prefix).toBe(expected);
  expect(templateFor([...TEMPLATES].reverse(), name, reason)?.prefix).toBe(expected);
});
