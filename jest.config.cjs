/**
 * Unit and property tests: fast, no root, no network. Tests that need Terraform or a server are named *.slow.test.ts and run with SLOW=1. Tests that
 * need the lab (root, lab/setup) are named *.lab.test.ts and run with LAB=1. Of these, *.all.slow.test.ts and *.all.lab.test.ts run with ALL=1 only,
 * as `scripts/test all` sets it. So do single cases of other files (__tests__/level.ts).
 */
const leftOut = [
  ...(process.env.SLOW ? [] : ["\\.slow\\.test\\.ts$"]),
  ...(process.env.LAB ? [] : ["\\.lab\\.test\\.ts$"]),
  ...(process.env.ALL ? [] : ["\\.all\\.(slow|lab)\\.test\\.ts$"]),
];
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", ...leftOut],
  testSequencer: "<rootDir>/scripts/gate/longest-first.cjs",
  transform: { "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
  collectCoverageFrom: ["lib/**/*.ts", "lambda-src/**/*.ts"],
  // Pure code and the function: no line and no branch that no test has seen.
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.cache"],
};
