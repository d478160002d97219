/** The page for users of the original repository: nothing of theirs is left out, and what it names of ours is there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lab/tools/project";

const page = readFileSync(join(ROOT, "docs/coming-from.md"), "utf8");
const contract = JSON.parse(readFileSync(join(ROOT, "__tests__/modules/contract.json"), "utf8")) as Readonly<
  Record<string, { readonly variables: readonly string[]; readonly outputs: readonly string[] }>
>;

/** Of mishalshah92/aws-ebs-docker-cache at 552d3b7: terraform/vairables.tf and terraform/outputs.tf, in their spelling. */
const THEIRS = {
  Variables: [
    "atom",
    "aws_region",
    "cron_schedule",
    "docker_images",
    "env",
    "instance_type",
    "memory_size",
    "owner",
    "stack_name",
    "timeout",
    "tool",
  ],
  Outputs: [
    "cw_rule_arn",
    "ec2_lauch_tempalte_default_version",
    "ec2_lauch_tempalte_latest_version",
    "ec2_lauch_tempalte_name",
    "ec2_lauch_template_arn",
    "lambda_arn",
    "lambda_last_modified",
    "lambda_src_hash",
    "lambda_version",
  ],
};

/** Cells of a section's table by row, without its head. */
function rows(section: string): string[][] {
  const text = page.split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "")));
}

const spans = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? "");

test.each(Object.entries(THEIRS))("%s: each of theirs is in a row, and no other", (section, names) => {
  expect(
    rows(section)
      .flatMap(([theirs = ""]) => spans(theirs))
      .sort(),
  ).toEqual(names);
});

test("outputs of ours are told by the module", () => {
  const named = [...page.matchAll(/`module\.(\w+)\.(\w+)`/g)].map(([, noun = "", output = ""]) => ({ noun, output }));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ noun, output }) => !contract[noun]?.outputs.includes(output))).toEqual([]);
});

test("variables of ours are a module's", () => {
  const known = Object.values(contract).flatMap(({ variables }) => variables);
  const ours = rows("Variables").flatMap(([, here = ""]) => spans(here.split(/[,.;:]? (?:of|under|for)\b/)[0] ?? ""));
  const named = ours.filter((span) => /^[a-z_.]+$/.test(span)).map((span) => span.split(".")[0] ?? "");
  expect(named).toEqual(expect.arrayContaining(["images", "instance_type", "build", "name", "tags"]));
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
