/** The import rules of docs/architecture.md: an arrow there is what may import what. */
const only = (name, from, to, comment) => ({
  name,
  severity: "error",
  comment,
  from: { path: from },
  to: { path: to },
});
module.exports = {
  forbidden: [
    only(
      "lib-is-pure",
      "^lib/",
      "^(stacks|lambda-src|cli|scripts|lab|bench|main\\.ts)|node_modules/(cdktf|@cdktf|constructs|@aws-sdk|@smithy)/",
      "lib imports neither cdktf, the SDK nor anything above it",
    ),
    only(
      "lambda-meets-contract-only",
      "^lambda-src/",
      "^(stacks|cli|scripts|lab|main\\.ts)|^lib/(?!contract|time|is-object)",
      "lambda-src may import lib/contract, lib/time and lib/is-object alone",
    ),
    {
      name: "plan-is-pure",
      severity: "error",
      comment:
        "the planner imports types, settings, the cache device, ownership, its own parts, lib/contract, lib/time and lib/is-object",
      from: { path: "^lambda-src/rotation/(plan|asked)/" },
      to: {
        pathNot:
          "^lambda-src/rotation/(plan/|asked/|types|settings|cache-device|ownership)|^lib/(contract|time|is-object)",
      },
    },
    {
      name: "one-sdk-importer",
      severity: "error",
      comment: "aws.ts is the only importer of the SDK in lambda-src",
      from: { path: "^lambda-src/", pathNot: "^lambda-src/rotation/aws/" },
      to: { path: "node_modules/(@aws-sdk|@smithy)/" },
    },
    {
      name: "one-cdktf-importer",
      severity: "error",
      comment: "cdktf and its bindings come through stacks/terraform/cdktf.ts, so that a move to the fork is one file",
      from: { path: ".", pathNot: "^stacks/terraform/cdktf\\.ts$" },
      to: { path: "node_modules/(cdktf|@cdktf)/" },
    },
    {
      name: "deep-imports-only",
      severity: "error",
      comment: "the index of a provider costs seconds and hundreds of MB",
      from: {},
      to: { path: "node_modules/@cdktf/provider-[a-z]+/lib/index" },
    },
    {
      name: "nouns-do-not-meet",
      severity: "error",
      comment: "one noun's stack never imports another's",
      from: { path: "^stacks/(builder|rotation|worker)/" },
      to: { path: "^stacks/(?!terraform|faces|parts)", pathNot: "^stacks/$1/" },
    },
    only("stacks-below", "^stacks/", "^(cli|scripts|lab|lambda-src|main\\.ts)", "stacks import lib only"),
    only(
      "lab-below",
      "^lab/",
      "^(stacks|main\\.ts)",
      "the lab runs what is shipped; it does not import it, but for lib and the bundle",
    ),
    {
      name: "no-dev-dependencies-in-use",
      severity: "error",
      comment: "what synthesizes and operates is installed by `npm ci --omit=dev` too",
      from: { path: "^(main\\.ts|(lib|stacks|lambda-src|cli)/)" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no-circular",
      severity: "error",
      comment: "a cycle of types alone is none at run time",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "nothing-imports-modules", severity: "error", from: {}, to: { path: "^modules/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "cdktf\\.out|\\.cache" },
  },
};
