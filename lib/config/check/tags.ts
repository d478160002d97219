/** Checks of the user's tags. */

import { TAGS_MAXIMUM } from "../schema/fields";
import type { ConfigCheck } from "../text/problem";

/** Keys that begin so are AWS's or ours. */
const RESERVED = /^(aws:|docker-cache:)/i;

/** Not too many, and none that pretends to be AWS's or ours. */
export const checkTags: ConfigCheck = ({ tags }) => {
  const keys = Object.keys(tags);
  const reserved = keys
    .filter((key) => RESERVED.test(key))
    .map((key) => ({
      path: ["tags", key],
      found: `the key ${key}`,
      expected: "a key that does not begin with aws: or docker-cache:, which are AWS's and ours",
      fix: "rename or remove it",
    }));
  const tooMany = {
    path: ["tags"],
    found: `${keys.length} tags`,
    expected: `at most ${TAGS_MAXIMUM}`,
    fix: "remove some",
  };
  return keys.length > TAGS_MAXIMUM ? [...reserved, tooMany] : reserved;
};
