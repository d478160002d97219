import { checkTags } from "../../../../lib/config/check/tags";
import { configOf, shown } from "../sample";

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

test.each<[object, string[]]>([
  [{}, []],
  [many(30), []],
  [many(31), ["tags: 31 tags"]],
  [
    { "aws:x": "1", "AWS:y": "1", "docker-cache:name": "1", awsome: "1" },
    ["tags.aws:x: the key aws:x", "tags.AWS:y: the key AWS:y", "tags.docker-cache:name: the key docker-cache:name"],
  ],
])("%#", (tags, found) => {
  expect(shown(checkTags(configOf({}, { tags })))).toEqual(found);
});
