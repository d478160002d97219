/**
 * Jest's order of test files: the longest first, so that the workers end together. Jest itself knows durations only where it has run before, and begins
 * with the largest files elsewhere, on every fresh machine that is.
 */
const { relative } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** Seconds with the gate's workers on two processors, rounded; what is not named takes less than the last. Only their order counts. */
const SECONDS = {
  "__tests__/lab/cloud/crashes.lab.test.ts": 600,
  "__tests__/lab/cloud/generations.lab.test.ts": 500,
  "__tests__/lab/loop/month.slow.test.ts": 470,
  "__tests__/lab/cloud/faulty-builds.lab.test.ts": 450,
  "__tests__/lab/worker/worker-faults.lab.test.ts": 390,
  "__tests__/lab/cloud/loop.lab.test.ts": 350,
  "__tests__/lab/by-hand/ends.lab.test.ts": 300,
  "__tests__/cdktf-deploy.slow.test.ts": 200,
  "__tests__/stacks/apply.slow.test.ts": 190,
  "__tests__/docs/deploy-policy.slow.test.ts": 180,
  "__tests__/whole.slow.test.ts": 170,
  "__tests__/examples/pull-request-plan.slow.test.ts": 160,
  "__tests__/modules/life.slow.test.ts": 150,
  "__tests__/lab/aws/terraform.slow.test.ts": 140,
  "__tests__/examples/existing-terraform.lab.test.ts": 130,
  "__tests__/modules/emitted.slow.test.ts": 120,
  "__tests__/examples/existing-template.slow.test.ts": 110,
  "__tests__/stacks/builder/plan.slow.test.ts": 100,
  "__tests__/lab/registry/lab-registry.lab.test.ts": 100,
  "__tests__/examples/existing-terraform.slow.test.ts": 90,
  "__tests__/modules/faces.slow.test.ts": 80,
  "__tests__/modules/meaning.slow.test.ts": 60,
  "__tests__/scripts/emit/meaning.slow.test.ts": 55,
  "__tests__/scripts/cli/commands.slow.test.ts": 50,
};

class LongestFirst extends Sequencer {
  sort(tests) {
    const seconds = (test) => SECONDS[relative(test.context.config.rootDir, test.path)] ?? 0;
    return super.sort(tests).sort((a, b) => seconds(b) - seconds(a));
  }
}

module.exports = LongestFirst;
module.exports.SECONDS = SECONDS;
