/** Jest's order of test files: the longest first (./file-times.cjs). */
const { relative } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;
const { longestFirst, readFileTimes } = require("./file-times.cjs");

class LongestFirst extends Sequencer {
  constructor(options, seconds = readFileTimes()) {
    super(options);
    this.seconds = seconds;
  }

  sort(tests) {
    // Jest's own order first: it decides between equals.
    return longestFirst(super.sort(tests), this.seconds, (test) => relative(test.context.config.rootDir, test.path));
  }
}

module.exports = LongestFirst;
