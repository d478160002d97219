/** Rules over several inputs of a module, as the configuration's checks have them (lib/config/check): a variable's own validation sees no other. */

import type { Instance } from "../../lib/config/cell";
import { limitOf } from "../../lib/config/schema/aws-names";
import { TAGS_MAXIMUM } from "../../lib/config/schema/fields";
import { ARCHITECTURE_IN_IMAGE, ARM64_TYPE, INSTANCE_ADVICE, X86_64_TYPE } from "../../lib/config/schema/instance";
import { ARCHITECTURES } from "../../lib/contract";
import { hcl, str } from "../terraform/expression";
import { asRe2 } from "../terraform/re2";
import type { Inputs } from "./module-inputs";
import type { ModuleStack, Rule } from "./module-stack";

/** A rule, said as the configuration says its problems. */
export function rule(condition: string, path: string, found: string, expected: string, fix: string): Rule {
  return { condition, errorMessage: `${path}: found ${found}, expected ${expected}. ${fix}.` };
}

/**
 * Adds the output that is given only if the inputs fit together. It depends on nothing that they could break, so that what does not fit is said
 * before anything else fails of it.
 */
export function outputPrefix(module: ModuleStack, inputs: Inputs, rules: readonly Rule[]): void {
  module.output(
    "name_prefix",
    "Beginning of the names of what is made.",
    str`${`docker-cache-${inputs.text("name")}-${inputs.text("architecture")}`}`,
    rules,
  );
}

/** An address is subscribed to a topic of ours, and to no other. */
export function emailRule(): Rule {
  const [email, topic] = [hcl`local.notifications.email`, hcl`local.notifications.topic`];
  return rule(
    str`${email} == null || ${topic} == null`,
    "notifications.email",
    `${str`coalesce(${email}, "an address")`} beside a topic`,
    "an address, or a topic of yours: only a topic of ours gets subscriptions",
    "Subscribe the address to your topic, and remove it here",
  );
}

/** @param longest The name that leaves least room to that of the cache: a role's. */
export function nameRules(inputs: Inputs, longest: string): Rule[] {
  const { maximum, what } = limitOf("iamRole");
  return [
    rule(
      str`length(${longest}) <= ${maximum}`,
      "name",
      `${longest}, ${str`length(${longest})`} characters`,
      `at most ${maximum} characters as the name of ${what}`,
      `Shorten the cache's name by ${str`length(${longest}) - ${maximum}`}`,
    ),
    ...tagRules(inputs),
  ];
}

/** Tags are the user's own, and not too many. */
export function tagRules(inputs: Inputs): Rule[] {
  const reserved = hcl`[for key in keys(${inputs.map("tags")}) : key if can(regex("(?i)^(aws:|docker-cache:)", key))]`;
  return [
    rule(
      str`length(${reserved}) == 0`,
      "tags",
      `the key ${str`join(", ", ${reserved})`}`,
      "a key that does not begin with aws: or docker-cache:, which are AWS's and ours",
      "Rename or remove it",
    ),
    rule(
      str`length(${inputs.map("tags")}) <= ${TAGS_MAXIMUM}`,
      "tags",
      `${str`length(${inputs.map("tags")})`} tags`,
      `at most ${TAGS_MAXIMUM}`,
      "Remove some",
    ),
  ];
}

/** Instances: type and AMI are of the architecture, and a public address is a matter of the subnet that is named. */
export function machineRules(inputs: Inputs, { instanceType, imageId }: Instance): Rule[] {
  const given = inputs.text("architecture");
  const advice = str`${INSTANCE_ADVICE}[${given}]`;
  const types = { x86_64: X86_64_TYPE, arm64: ARM64_TYPE };
  return [
    ...ARCHITECTURES.flatMap((architecture) => [
      rule(
        str`${given} == ${architecture} || !can(regex(${types[architecture].source}, ${instanceType}))`,
        "instance_type",
        `${instanceType}, which is ${architecture}`,
        `an instance type of architecture ${given}`,
        `Take one such as ${advice}, or set architecture to ${architecture}`,
      ),
      rule(
        str`${given} == ${architecture} || !can(regex(${asRe2(ARCHITECTURE_IN_IMAGE[architecture].source)}, ${imageId}))`,
        "image_id",
        `${imageId}, which is of ${architecture}`,
        `an AMI of architecture ${given}`,
        `Name the parameter of ${given}, or set architecture to ${architecture}`,
      ),
    ]),
    rule(
      str`${inputs.bool("associate_public_ip_address")} == null || ${inputs.text("subnet_id")} != null`,
      "associate_public_ip_address",
      str`coalesce(${inputs.bool("associate_public_ip_address")}, false)`,
      "`subnet_id` beside it, for without one the default subnet decides",
      "Add subnet_id, or remove it",
    ),
  ];
}
