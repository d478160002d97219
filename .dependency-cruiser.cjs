/** The import rules: those between the rooms of scripts/imports/rooms.ts, which docs/architecture.md shows, and those about packages and cycles. */
const { roomRules } = require("tsx/cjs/api").require("./scripts/imports/rules.ts", __filename);

const SDK = "node_modules/(@aws-sdk|@smithy)/";

module.exports = {
  forbidden: [
    ...roomRules(),
    {
      name: "plan-is-pure",
      severity: "error",
      comment: "the planner imports no package and nothing of Node.js, nor does anything that it imports",
      from: { path: "^lambda-src/rotation/(plan|asked)/" },
      to: { reachable: true, pathNot: "^(lambda-src|lib)/" },
    },
    {
      name: "few-sdk-importers",
      severity: "error",
      comment:
        "a function's calls of AWS are in one place; the command line, the lab and the measurements make their own",
      from: { pathNot: "^(lambda-src/rotation/aws/|lambda-src/router/aws\\.ts$|(cli|lab|bench|__tests__)/)" },
      to: { path: SDK },
    },
    {
      name: "one-cdktf-importer",
      severity: "error",
      comment: "cdktf and its bindings come through stacks/terraform/cdktf.ts, so that a move to the fork is one file",
      from: { pathNot: "^stacks/terraform/cdktf\\.ts$" },
      to: { path: "node_modules/(cdktf|@cdktf|constructs)/" },
    },
    {
      name: "deep-imports-only",
      severity: "error",
      comment: "the index of a provider costs seconds and hundreds of MB",
      from: {},
      to: { path: "node_modules/@cdktf/provider-[a-z]+/lib/index" },
    },
    {
      name: "no-dev-dependencies-in-use",
      severity: "error",
      comment: "what synthesizes and operates is installed by `npm ci --omit=dev` too",
      from: { path: "^(main\\.ts|(lib|stacks|lambda-src|cli)/)" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    { name: "no-circular", severity: "error", comment: "types count too", from: {}, to: { circular: true } },
    { name: "nothing-imports-modules", severity: "error", from: {}, to: { path: "^modules/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "cdktf\\.out|\\.cache" },
  },
};
