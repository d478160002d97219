/** The rules that the configuration's checks of builds have (lib/config/check), for what only the plan knows. */
import { SCHEDULE_EXPRESSION } from "../../lib/config/schema/schedule-expression";
import { TIME_ZONES } from "../../lib/config/schema/time-zones";
import type { Inputs } from "../faces/module-inputs";
import { rule } from "../faces/module-rules";
import type { ModuleStack, Rule } from "../faces/module-stack";
import { currentOf } from "../parts/current";
import { hcl, str } from "../terraform/expression";
import { fileBeside } from "../terraform/files";
import { asRe2 } from "../terraform/re2";

export function buildRules(module: ModuleStack, inputs: Inputs): Rule[] {
  const { region } = currentOf(module);
  const regions = hcl`${inputs.objects("copy_to")}[*].region`;
  const hosts = hcl`${inputs.objects("registries")}[*].host`;
  return [
    ...expressionRules(inputs),
    zoneRule(module, inputs),
    onceRule("build.at", hcl`${inputs.texts("build.at")}`, "each time once"),
    onceRule("registries", hosts, "each registry once"),
    onceRule("copy_to", regions, "each region once"),
    rule(
      str`!contains(${regions}, ${region})`,
      "copy_to",
      `${region}, the region itself`,
      "regions that copy from here",
      "Remove it",
    ),
  ];
}

/** IANA's names travel with the module, as Terraform knows none. */
function zoneRule(module: ModuleStack, inputs: Inputs): Rule {
  const file = fileBeside(module, "time-zones.txt", TIME_ZONES);
  const zone = inputs.text("build.time_zone");
  return rule(
    str`contains(split("\n", file(${file})), ${zone})`,
    "build.time_zone",
    `"${zone}"`,
    "the IANA name of a time zone such as UTC or Europe/Berlin",
    "Look it up under https://www.iana.org/time-zones",
  );
}

function expressionRules(inputs: Inputs): Rule[] {
  const [expression, at] = [inputs.text("build.expression"), inputs.texts("build.at")];
  const found = str`coalesce(${expression}, "nothing")`;
  return [
    rule(
      str`${expression} == null || can(regex(${asRe2(SCHEDULE_EXPRESSION.source)}, ${expression}))`,
      "build.expression",
      found,
      "rate(N minutes|hours|days), or cron() of six fields",
      "Correct it, or use at",
    ),
    rule(
      str`${expression} == null || length(${at}) == 0`,
      "build.expression",
      `${found} beside \`at: [${str`join(", ", ${at})`}]\``,
      "either times of day or an expression",
      "Add at = [], or remove the expression",
    ),
  ];
}

function onceRule(path: string, items: unknown, expected: string): Rule {
  const again = str`join(", ", distinct([for index, item in ${items} : format("%s again", item) if index(${items}, item) < index]))`;
  return rule(str`length(distinct(${items})) == length(${items})`, path, again, expected, "Remove one of the two");
}
