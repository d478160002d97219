/**
 * How long each test file took, and the order in which they best begin. Jest loads its sequencer without TypeScript, so this has none. The record that
 * the gate's last run left in .cache says how long. A fresh machine has only the one that is committed here (`npm run gate:times` copies the former over
 * the latter).
 */
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const COMMITTED = join(__dirname, "times.json");
const LAST = join(__dirname, "../../.cache/gate/times.json");

const filesIn = (record) => (existsSync(record) ? JSON.parse(readFileSync(record, "utf8")).files : {});

/** Seconds by file. */
exports.readFileTimes = () => ({ ...filesIn(COMMITTED), ...filesIn(LAST) });

/** The longest first, so that all lanes end together. Files that are not known begin, for they may be long. Equals keep their order. */
exports.longestFirst = (items, seconds, fileOf = (item) => item) => {
  const took = (item) => seconds[fileOf(item)] ?? Number.POSITIVE_INFINITY;
  return [...items].sort((a, b) => (took(a) === took(b) ? 0 : took(b) - took(a)));
};
