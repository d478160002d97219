/**
 * Exports that nothing imports, and packages that are imported and not declared. `npm run unused` asks twice: over everything, and, with
 * `--production`, over all but tests. Coverage counts code that only tests call. Exports that tests of another room need say `@internal`.
 */
const isWithoutTests = process.argv.includes("--production");

module.exports = {
  // Programs, and what is loaded by a name that is not written in an import.
  entry: [
    "main.ts!",
    "lambda-src/rotation/rotation.lambda.ts!",
    "lambda-src/router/router.lambda.ts!",
    "cli/{program.cjs,run-command.ts,commands/**/*.ts}!",
    "{lab,scripts,bench}/**/main.ts!",
    "bench/*.ts!",
    "lab/aws/server/serve.ts!",
    "lab/registry/build-images.ts!",
    "lab/buildkit/write-image.ts!",
    "scripts/compat/{oldest-terraform,print-modules}.ts!",
    "scripts/emit/schema.ts!",
    "scripts/imports/rules.ts!",
    "scripts/gate/longest-first.cjs!",
    "scripts/gate/{bats,prepare,shell}.ts!",
    "scripts/gate/checkov/checkov.ts!",
    "__tests__/**/*.test.ts",
    "__tests__/**/*-fixture.ts",
    "__tests__/fixtures/**/*.ts",
    // Names that user data spells, too: __tests__/lib/userdata/settings.test.ts holds that they agree.
    "lib/contract.ts!",
    // The only importer of cdktf, for tests as well.
    "stacks/terraform/cdktf.ts!",
  ],
  project: ["**/*.{ts,cjs}!", "!__tests__/**!", "!lab/fake/**!"],
  // An interface is exported with the function that takes it; a function that has tests of its own may be used in its file alone.
  ignoreExportsUsedInFile: isWithoutTests || { interface: true, type: true },
  // Run as programs.
  ignoreDependencies: ["bats", "cdktf-cli"],
  exclude: ["binaries"],
};
