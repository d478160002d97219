import { type Passage, problems } from "../../../scripts/prose/rules";

const passage = (text: string, kind: Passage["kind"] = "paragraph"): Passage => ({
  source: "page.md",
  line: 7,
  kind,
  text,
});
const words = (count: number) => `${Array(count).fill("word").join(" ")}.`;

test.each<[string, string, Passage["kind"], RegExp]>([
  ["a long sentence", words(26), "paragraph", /^page\.md:7: 26 words in "word .*Expected: at most 25\. Fix: split it/],
  ["a long cell", words(26), "cell", /26 words/],
  ["a long heading", words(26), "heading", /26 words/],
  ["but for", "All but for one.", "paragraph", /"but for" is not plain\. Expected: except\. Fix/],
  ["of ours", "A key of ours.", "cell", /"of ours".*our/],
  ["mend", "Somebody mended it.", "help", /"mended".*fix/],
  ["blank", "A blank follows.", "paragraph", /"blank".*space/],
  ["whoever", "Whoever reads it knows.", "heading", /"Whoever".*anyone who/],
  ["where as if, in front", "Where nothing changed, it ends.", "paragraph", /"Where nothing.*Expected: if/],
  ["where as if, after a label", "**Label:** where nothing changed, it ends.", "paragraph", /Expected: if/],
  ["where as if, behind a colon", "It looks: where nothing changed, it ends.", "paragraph", /Expected: if/],
  ["a sentence over two lines", "It goes\non.", "paragraph", /"It goes on\." goes on in the next line.*Fix: join/],
  [
    "two sentences on a line",
    "One.\nTwo. Three.",
    "paragraph",
    /^page\.md:8: "Three\." begins within a line.*Fix: break/,
  ],
])("%s is told, with what is expected and the fix", (_, text, kind, expected) => {
  expect(problems(passage(text, kind))).toEqual([expect.stringMatching(expected)]);
});

test.each<[string, string, Passage["kind"]]>([
  ["25 words", words(25), "paragraph"],
  ["code", "Run `where but for mend` now.", "paragraph"],
  ["a place", "It runs in the zone, where one instance is, and ends.", "paragraph"],
  ["a question", "Where is it, and why?", "paragraph"],
  ["where as a heading", "Where a goal is missed, and what was tried", "heading"],
  ["a label that names a place", "**Where things are:** one page, in docs.", "paragraph"],
  ["a label and a sentence on a line", "**Label.** One sentence.\nAnother.", "paragraph"],
  ["sentences of a cell", "One. Two. Three.", "cell"],
  ["long cells of short notes", Array(9).fill("three short words").join("; "), "cell"],
])("%s is not", (_, text, kind) => {
  expect(problems(passage(text, kind))).toEqual([]);
});

test("help has no line", () => {
  expect(problems({ source: "run --help", kind: "help", text: "mend it" })).toEqual([
    expect.stringMatching(/^run --help: "mend"/),
  ]);
});
