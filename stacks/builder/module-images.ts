/** The images of a module, which only the plan knows: as lines, and held to the rules of the configuration (lib/config/check/images.ts). */
import { PATH_MAXIMUM, REFERENCE_PATTERN } from "../../lib/image-reference";
import type { Inputs } from "../faces/module-inputs";
import { rule } from "../faces/module-rules";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { type IResolvable, TerraformLocal } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, str } from "../terraform/expression";
import { asRe2 } from "../terraform/re2";

/** The images as lines of the contract, whether they are given as text or as objects. */
export function createImageLines(module: ModuleStack, inputs: Inputs): string[] {
  const optional = hcl`coalesce(tobool(try(image.optional, null)), false) ? " optional" : ""`;
  const warm = hcl`try(image.warm, null) == "whole" ? " warm=whole" : ""`;
  const smoke = hcl`try(image.smoke, null) == null ? "" : format(" smoke=%s", image.smoke)`;
  const lines = hcl`[for image in ${inputs.any("images")} : join("", [try(image.reference, image), ${optional}, ${warm}, ${smoke}])]`;
  const local = new TerraformLocal(module, "image_lines.local", lines);
  comment(local, "As the builder reads them: REFERENCE[ optional][ warm=whole][ smoke=COMMAND].");
  return local.asList;
}

/** The parts as Docker takes them apart: what stands before the first slash is a host if it could not be a namespace. */
const PARTS =
  "(?s)^(?:(?P<domain>localhost|[^/@]*[.:A-Z][^/@]*)/)?(?P<path>[^@]*?)(?::(?P<tag>[^/@:]*))?(?:@(?P<digest>.*))?$";

const is = (pattern: RegExp, value: IResolvable) => hcl`can(regex(${asRe2(pattern.source)}, ${value}))`;

export function imageRules(module: ModuleStack, inputs: Inputs): Rule[] {
  const local = (name: string, value: unknown) => new TerraformLocal(module, `${name}.local`, value);
  const references = local(
    "image_references",
    hcl`[for image in ${inputs.any("images")} : try(image.reference, split(" ", image)[0])]`,
  ).expression;
  const split = local("image_parts", hcl`[for reference in ${references} : regex(${PARTS}, reference)]`);
  comment(split, "As Docker takes them apart.");
  const parts = split.expression;
  const domain = hcl`part.domain == null || part.domain == "index.docker.io" ? "docker.io" : part.domain`;
  const domains = local("image_domains", hcl`[for part in ${parts} : ${domain}]`).expression;
  const path = hcl`${domains}[index] == "docker.io" && length(regexall("/", part.path)) == 0 ? format("library/%s", part.path) : part.path`;
  const paths = local("image_paths", hcl`[for index, part in ${parts} : ${path}]`).expression;
  const problems = local(
    "image_problems",
    hcl`[for index, reference in ${references} : ${problemOf(parts, domains, paths)}]`,
  ).expression;
  const tag = hcl`part.digest == null ? format(":%s", coalesce(part.tag, "latest")) : part.tag == null ? "" : format(":%s", part.tag)`;
  const digest = hcl`part.digest == null ? "" : format("@%s", part.digest)`;
  const full = local(
    "full_image_references",
    hcl`[for index, part in ${parts} : join("", [${domains}[index], "/", ${paths}[index], ${tag}, ${digest}])]`,
  );
  comment(full, "Equal for images that are the same, however they are spelled.");
  return [grammarRule(references, problems), duplicateRule(references, full.expression)];
}

/** What is wrong with the reference of an index, or null. */
function problemOf(parts: IResolvable, domains: IResolvable, paths: IResolvable): IResolvable {
  const domain = hcl`${domains}[index]`;
  const path = hcl`${paths}[index]`;
  const { tag, digest } = { tag: hcl`${parts}[index].tag`, digest: hcl`${parts}[index].digest` };
  const cases: [IResolvable, IResolvable][] = [
    [is(REFERENCE_PATTERN.imageId, hcl`reference`), hcl`"64 hex digits are an image id, not a reference"`],
    [hcl`!${is(REFERENCE_PATTERN.domain, domain)}`, hcl`format("\"%s\" is no registry host", ${domain})`],
    [hcl`${path} != lower(${path})`, hcl`format("the repository \"%s\" must be lower case", ${path})`],
    [hcl`!${is(REFERENCE_PATTERN.path, path)}`, hcl`format("\"%s\" is no repository name", ${path})`],
    [
      hcl`length(${path}) > ${PATH_MAXIMUM}`,
      hcl`format("the repository has %d characters, over ${PATH_MAXIMUM}", length(${path}))`,
    ],
    [hcl`${tag} != null && !${is(REFERENCE_PATTERN.tag, tag)}`, hcl`format("\"%s\" is no tag", ${tag})`],
    [
      hcl`${digest} != null && !${is(REFERENCE_PATTERN.digest, digest)}`,
      hcl`format("\"%s\" is no digest such as sha256: and 64 hex digits", ${digest})`,
    ],
  ];
  return cases.reduceRight<IResolvable>((rest, [found, problem]) => hcl`${found} ? ${problem} : ${rest}`, hcl`null`);
}

function grammarRule(references: IResolvable, problems: IResolvable): Rule {
  const found = str`join("; ", [for index, problem in ${problems} : format("\"%s\": %s", ${references}[index], problem) if problem != null])`;
  return rule(
    str`length(compact(${problems})) == 0`,
    "images",
    found,
    "an image reference",
    "Write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]",
  );
}

function duplicateRule(references: IResolvable, full: IResolvable): Rule {
  const first = hcl`${references}[index(${full}, image)]`;
  const again = hcl`${references}[index] == ${first} ? format("%s again", ${first}) : format("%s, the same image as %s above", ${references}[index], ${first})`;
  return rule(
    str`length(distinct(${full})) == length(${full})`,
    "images",
    str`join("; ", [for index, image in ${full} : ${again} if index(${full}, image) < index])`,
    "each image once",
    "Remove one of the two",
  );
}
