/**
 * The variables of a module, and references to them as the props of a construct take them. Values that may be null are marked
 * with `mayBeNull`, so that the construct makes `dynamic` blocks and counts of them.
 */

import type { z } from "zod";
import type { Common, CompanionSettings, Network, Owned } from "../../lib/config/cell";
import type { Companion } from "../../lib/config/companion";
import type { Input } from "../../lib/config/inputs";
import { bare } from "../../lib/config/text/expected";
import { type IResolvable, TerraformLocal, Token } from "../terraform/cdktf";
import { comment } from "../terraform/comment";
import { hcl, list, num, str } from "../terraform/expression";
import { inFile } from "../terraform/in-file";
import { mayBeNull, raw } from "../terraform/maybe";
import type { ModuleStack } from "./module-stack";
import { rulesOf } from "./variable-rules";
import { defaultOf, isNullable, isOpen, optionsOf, typeOf } from "./variable-type";
import { typedValue } from "./variable-value";

/** References by path, e.g. `volume.size_gib`, typed as the props of a construct want them. */
export interface Inputs {
  text(path: string): string;
  /** The one attribute of an object that may be null, e.g. `arn` of `topic`. Use it only if `isNull` says that it is not. */
  textIn(path: string, attribute: string): string;
  number(path: string): number;
  bool(path: string): boolean;
  texts(path: string): string[];
  map(path: string): Record<string, string>;
  /** A list of objects, with the attributes in Terraform's spelling. */
  objects<T>(path: string): T[];
  /** A value of whatever type, with the attributes in Terraform's spelling. */
  any(path: string): IResolvable;
}

/** Declares one variable for each input, and a local value of its name for one of type `any`. */
export function declareInputs(module: ModuleStack, inputs: readonly Input[]): Inputs {
  for (const input of inputs) declare(module, input);
  module.inputs.push(...inputs);
  inFile(module, "inputs", () => {
    for (const { name, field } of inputs)
      if (isLocal(field)) new TerraformLocal(module, `${name}.local`, typedValue(field, `var.${name}`));
  });
  const at = (path: string) => marked(inputs, path);
  return {
    text: (path) => at(path)((reference) => str`${reference}`),
    textIn: (path, attribute) => at(path)((reference) => str`${reference}.${raw(attribute)}`),
    number: (path) => at(path)((reference) => num`${reference}`),
    bool: (path) => at(path)((reference) => reference as unknown as boolean),
    texts: (path) => at(path)((reference) => list`${reference}`),
    map: (path) => at(path)((reference) => Token.asStringMap(reference)),
    objects: <T>(path: string) => at(path)((reference) => Token.asList(reference) as unknown as T[]),
    any: (path) => referenceTo(inputs, path),
  };
}

/** True if references go to a local value. What may be text as well as an object becomes what its module makes of it. */
function isLocal(field: z.ZodType): boolean {
  const element = (bare(field) as Partial<z.ZodArray>).element as z.ZodType | undefined;
  return isOpen(field) && (element === undefined || optionsOf(element).length === 1);
}

function declare(module: ModuleStack, { name, field, description }: Input): void {
  const standard = defaultOf(field);
  const rules = rulesOf(field, `var.${name}`, name);
  module.variable(name, {
    type: typeOf(field),
    description: description.includes("\n") ? `${description}\n` : description,
    default: standard as never,
    // With a default, null means the default: a wrapper may pass its own null on.
    nullable: standard === undefined || standard === null ? undefined : false,
    validation:
      rules.length === 0
        ? undefined
        : rules.map(({ condition, errorMessage }) => ({ condition: String(condition), errorMessage })),
  });
}

/** Makes the token of a path, and marks it if the field may be null. */
function marked(inputs: readonly Input[], path: string): <T>(make: (reference: IResolvable) => T) => T {
  const field = fieldAt(inputs, path);
  return (make) => {
    const reference = referenceTo(inputs, path);
    const token = make(reference);
    return isNullable(field) ? mayBeNull(token, reference) : token;
  };
}

/** A reference by path: to the variable, or to the local value that stands for it. */
function referenceTo(inputs: readonly Input[], path: string): IResolvable {
  const [name] = path.split(".");
  const field = inputs.find((input) => input.name === name)?.field;
  return hcl`${raw(`${field && isLocal(field) ? "local" : "var"}.${path}`)}`;
}

function fieldAt(inputs: readonly Input[], path: string): z.ZodType {
  const [name, ...attributes] = path.split(".");
  let field = inputs.find((input) => input.name === name)?.field;
  for (const attribute of attributes) field = field && shapeOf(field)?.[attribute];
  if (field === undefined) throw new Error(`no input ${path}: expected one of lib/config/inputs.ts`);
  return field;
}

function shapeOf(field: z.ZodType): Record<string, z.ZodType> | undefined {
  return (bare(field) as Partial<z.ZodObject>).shape as Record<string, z.ZodType> | undefined;
}

/** Props that builder, rotation and worker have. */
export function commonProps(inputs: Inputs): Common {
  const architecture = inputs.text("architecture") as Common["architecture"];
  return { name: inputs.text("name"), architecture, ...ownedProps(inputs) };
}

/**
 * Props that the entries of every companion have, as `companionInputs` declares them. An entry that is its whole section is called as its noun.
 */
export function companionProps(inputs: Inputs, { noun, entries }: Companion): CompanionSettings {
  return { noun, name: entries === "named" ? inputs.text("name") : noun, ...ownedProps(inputs) };
}

function ownedProps(inputs: Inputs): Omit<Owned, "name"> {
  return {
    tags: inputs.map("tags"),
    permissionsBoundaryArn: inputs.text("permissions_boundary_arn"),
    rolePath: inputs.text("role_path"),
    kmsKeyArn: inputs.text("kms_key_arn"),
  };
}

/** Network in which instances are launched. */
export function networkProps(inputs: Inputs): Network {
  return {
    subnetId: inputs.text("subnet_id"),
    associatePublicIpAddress: inputs.bool("associate_public_ip_address"),
    securityGroupIds: inputs.texts("security_group_ids"),
    proxy: { http: inputs.text("proxy.http"), https: inputs.text("proxy.https"), no: inputs.text("proxy.no") },
  };
}

/** Size and performance of a cache volume. */
export function volumeProps(inputs: Inputs) {
  return {
    sizeGib: inputs.number("volume.size_gib"),
    type: inputs.text("volume.type"),
    iops: inputs.number("volume.iops"),
    throughputMibps: inputs.number("volume.throughput_mibps"),
  };
}

/** Tells linters of a module that makes no role, and so has none to bound. Every companion's module has the variable, so that one call passes the same to each. */
export function leaveBoundaryUnused(module: ModuleStack): void {
  comment(
    module.node.findChild("permissions_boundary_arn"),
    "tflint-ignore: terraform_unused_declarations # no role is made here",
  );
}
