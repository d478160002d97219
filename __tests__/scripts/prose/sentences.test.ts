import { countWords, sentences } from "../../../scripts/prose/sentences";

const cut = (text: string, cell = false) => sentences(text, cell).map(({ start, end }) => text.slice(start, end));

test.each([
  ["One. Two! Three?", ["One.", "Two!", "Three?"]],
  ["It ends. gp3 begins small.", ["It ends.", "gp3 begins small."]],
  ['He said "No." Then he went.', ['He said "No."', "Then he went."]],
  ["Use `a`. `b` does not work.", ["Use `a`.", "`b` does not work."]],
  ["**Label.** A sentence.", ["**Label.**", "A sentence."]],
  ["First line.\nSecond line.", ["First line.", "Second line."]],
  ["  no end  ", ["no end"]],
  ["One.  ", ["One."]],
  [" ", []],
])("%j is cut", (text, expected) => {
  expect(cut(text)).toEqual(expected);
});

test.each([
  "From docker.io, e.g. by tag, i.e. by a name.",
  "Version 1.5.7 and 2.x go on, see docker-cache.yaml.",
  "Run `npm ci. Then` something.",
  "See https://example.com/a. b for more.".replace(". b", ".b"),
  "A pause … and on, a pause... and on.",
  "It is said (by some. Others differ.) to work.",
])("%j is one sentence", (text) => {
  expect(cut(text)).toEqual([text]);
});

test("an ellipsis ends a sentence if another begins", () => {
  expect(cut("And so on… Then it ends.")).toEqual(["And so on…", "Then it ends."]);
});

test("a semicolon ends one in a cell alone", () => {
  expect(cut("one; two", true)).toEqual(["one;", "two"]);
  expect(cut("one; two")).toEqual(["one; two"]);
});

test("words are counted, code as one, signs not at all", () => {
  expect(countWords("Use `npm run a b` – at most 1,024 times / day.")).toBe(7);
});
