/**
 * Jest's order of test files: the longest first, so that the workers end together. The record that the gate's last run left in .cache says how long
 * each took. A fresh machine has only the one that is committed here (`npm run gate:times` copies the former over the latter). Files in neither
 * begin, for they may be long.
 */
const { existsSync, readFileSync } = require("node:fs");
const { join, relative } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

const COMMITTED = join(__dirname, "times.json");
const LAST = join(__dirname, "../../.cache/gate/times.json");

const filesIn = (record) => (existsSync(record) ? JSON.parse(readFileSync(record, "utf8")).files : {});

class LongestFirst extends Sequencer {
  constructor(options, seconds = { ...filesIn(COMMITTED), ...filesIn(LAST) }) {
    super(options);
    this.seconds = seconds;
  }

  sort(tests) {
    const took = (test) => this.seconds[relative(test.context.config.rootDir, test.path)] ?? Number.POSITIVE_INFINITY;
    // Jest's own order first: it decides between equals.
    return super.sort(tests).sort((a, b) => (took(a) === took(b) ? 0 : took(b) - took(a)));
  }
}

module.exports = LongestFirst;
