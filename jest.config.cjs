/** Unit and property tests: fast, no root, no network. What needs Terraform or a server is named *.slow.test.ts and run by `scripts/test`. */
module.exports = {
  testEnvironment: "node",
  testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
  testPathIgnorePatterns: process.env.SLOW ? ["/node_modules/"] : ["/node_modules/", "\\.slow\\.test\\.ts$"],
  transform: { "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }] },
  collectCoverageFrom: ["lib/**/*.ts", "lambda-src/**/*.ts"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/.cache"],
};
