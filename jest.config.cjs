/**
 * Unit and property tests: fast, no root, no network. What needs Terraform or a server is named *.slow.test.ts and runs with SLOW=1; what needs the
 * lab (root, lab/setup) is named *.lab.test.ts and runs with LAB=1. Of these, *.all.slow.test.ts and *.all.lab.test.ts run with ALL=1 only, as
 * `scripts/test all` sets it; single cases of other files, too (__tests__/level.ts).
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
