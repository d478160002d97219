import {
  architectureOf,
  checkBuilderTypes,
  checkEngine,
  checkImageArchitectures,
  checkImageIds,
  checkInstanceTypes,
} from "../../../../lib/config/check/instances";
import { configOf, copying, shown } from "../sample";

test.each([
  ["m7g.large", "arm64"],
  ["c7gn.16xlarge", "arm64"],
  ["x2gd.metal", "arm64"],
  ["im4gn.large", "arm64"],
  ["t4g.micro", "arm64"],
  ["g5g.xlarge", "arm64"],
  ["a1.large", "arm64"],
  ["m7i.large", "x86_64"],
  ["m7i-flex.large", "x86_64"],
  ["c6a.large", "x86_64"],
  ["r5dn.large", "x86_64"],
  ["t3a.small", "x86_64"],
  ["m5.large", "x86_64"],
  // Nothing is said of what the name does not tell for sure.
  ["g5.xlarge", undefined],
  ["p6e-gb200.36xlarge", undefined],
  ["u-6tb1.metal", undefined],
  ["z9q.large", undefined],
])("%s is %s", (type, architecture) => {
  expect(architectureOf(type)).toBe(architecture);
});

test("types run the architecture that they stand under", () => {
  const architectures = {
    x86_64: { builder: { instance_type: "m7g.large" }, worker: { instance_type: "g5.xlarge" } },
    arm64: { worker: { instance_type: "c7i.large" } },
  };
  expect(shown(checkInstanceTypes(configOf({ architectures }), "ci"))).toEqual([
    "caches.ci.architectures.x86_64.builder.instance_type: m7g.large, which is arm64",
    "caches.ci.architectures.arm64.worker.instance_type: c7i.large, which is x86_64",
  ]);
});

test("AMIs whose parameter names an architecture are of it", () => {
  const ubuntu = (name: string) =>
    `resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/${name}/hvm/ebs-gp3/ami-id`;
  const architectures = {
    x86_64: { builder: { image_id: ubuntu("arm64") }, worker: { image_id: ubuntu("amd64") } },
    arm64: { builder: { image_id: ubuntu("amd64") }, worker: { image_id: "resolve:ssm:/ours/charm64-image" } },
  };
  expect(shown(checkImageArchitectures(configOf({ architectures }), "ci"))).toEqual([
    `caches.ci.architectures.x86_64.builder.image_id: ${ubuntu("arm64")}, which is of arm64`,
    `caches.ci.architectures.arm64.builder.image_id: ${ubuntu("amd64")}, which is of x86_64`,
  ]);
  expect(shown(checkImageArchitectures(configOf({ architectures: { x86_64: {}, arm64: {} } }), "ci"))).toEqual([]);
});

test.each([
  ["t2.medium", true],
  ["m4.large", true],
  ["p3.2xlarge", true],
  ["i3.large", true],
  ["i3.16xlarge", true],
  ["g3s.xlarge", true],
  ["i3.metal", false],
  ["i3en.large", false],
  ["p3dn.24xlarge", false],
  ["t3.medium", false],
  ["m5.large", false],
  ["x1g.large", false],
])("a builder on %s is refused: %s; a worker never", (instance_type, isRefused) => {
  const architectures = { x86_64: { builder: { instance_type }, worker: { instance_type } } };
  const path = "caches.ci.architectures.x86_64.builder.instance_type";
  expect(shown(checkBuilderTypes(configOf({ architectures }), "ci"))).toEqual(
    isRefused ? [`${path}: ${instance_type}, which runs on Xen`] : [],
  );
});

describe("an AMI id is of one region", () => {
  const architectures = { x86_64: { builder: { image_id: "ami-12345678" }, worker: { image_id: "ami-12345678" } } };
  const WORKER = "caches.ci.architectures.x86_64.worker.image_id";

  test("which may be the only one", () => {
    expect(checkImageIds(configOf({ architectures }), "ci")).toEqual([]);
  });

  test("or the only one that builds", () => {
    const config = configOf({ architectures }, copying("us-east-1"));
    expect(shown(checkImageIds(config, "ci"))).toEqual([`${WORKER}: ami-12345678 for 2 regions: eu-west-1, us-east-1`]);
  });

  test("but not of all that build", () => {
    const config = configOf({ architectures }, { regions: { "eu-west-1": {}, "us-east-1": {} } });
    expect(checkImageIds(config, "ci")).toHaveLength(2);
  });
});

test.each<[object, string[]]>([
  [{}, []],
  [{ image_store: "containerd" }, []],
  [{ image_store: "containerd", rotation: { max_engine: 24 } }, []],
  [{ image_store: "containerd", rotation: { max_engine: 23 } }, ["caches.ci.rotation.max_engine: 23"]],
  [{ rotation: { max_engine: 20 } }, []],
])("engines know the image store: %j", (cache, found) => {
  expect(shown(checkEngine(configOf(cache), "ci"))).toEqual(found);
});
