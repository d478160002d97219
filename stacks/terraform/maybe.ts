/**
 * One construct, two faces. In a stack every value is known when TypeScript runs. In a module a value may be a Terraform variable that is
 * null only when its user plans, which JavaScript cannot see. So the module marks such values with {@link mayBeNull}, once, and a construct
 * asks here instead of writing `if (value)`. A construct that needs its own expression for such a value asks {@link isMaybe} and branches
 * itself. For a list or number that only the plan knows it asks cdktf's `Token.isUnresolved`. Those branches stand beside the resources
 * that they shape.
 *
 * | value                | face   | a block           | a resource                       | a reference to it    |
 * |----------------------|--------|-------------------|----------------------------------|----------------------|
 * | null or undefined    | both   | none              | not constructed                  | absent               |
 * | a literal or a token | both   | plain             | plain                            | `type.name.arn`      |
 * | marked               | module | `dynamic`         | `count = value == null ? 0 : 1`  | `one(type.name[*].arn)` |
 *
 * Plain optional attributes need none of this: null means unset to Terraform.
 */
import { type IResolvable, type TerraformElement, Token } from "./cdktf";
import { hcl, num, str } from "./expression";

/** Marked tokens, each with the value that tells while planning whether it is null. */
const marked = new Map<unknown, unknown>();

/**
 * Marks a token as possibly null at plan time. Mark once and pass the very value on: `variable.stringValue` makes a new token
 * each time.
 * @param toldBy Value that tells while planning if the token is null. A `count` must be known then, but an ARN that the user
 * creates in the same run is not. So a module takes it in an object, `{ arn = … }`, marks `one(var.topic[*].arn)` and says here
 * that `var.topic` tells.
 */
export function mayBeNull<T>(token: T, toldBy: unknown = token): T {
  if (!Token.isUnresolved(token)) throw new Error("mayBeNull: expected a token, found a literal; pass null instead");
  marked.set(token, toldBy);
  return token;
}

/** Returns true if the value is a token that {@link mayBeNull} marked. */
export function isMaybe(value: unknown): boolean {
  return marked.has(value);
}

/** A condition, known while planning: the value is absent. */
export function isNull(value: unknown): IResolvable {
  return isAbsent(value) ? hcl`true` : hcl`${marked.get(value) ?? value} == null`;
}

/** Returns true if the value is known to be absent: not constructed at all, in either face. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Returns the `count` of a resource that exists only if `value` is given, or undefined if it surely is. Ask {@link isAbsent} first. */
export function countIfGiven(value: unknown): number | undefined {
  return isMaybe(value) ? num`${isNull(value)} ? 0 : 1` : undefined;
}

/** Returns the `count` of a resource that exists only if `value` is absent, or undefined if it surely is. */
export function countIfAbsent(value: unknown): number | undefined {
  return isMaybe(value) ? num`${isNull(value)} ? 1 : 0` : undefined;
}

/** Returns true if a resource that exists only if `value` is absent is constructed at all. */
export function mayBeAbsent(value: unknown): boolean {
  return isAbsent(value) || isMaybe(value);
}

/** Returns true if a list is a literal without items. False for a token: nobody knows its items before the plan. */
export function isEmptyList(items: readonly unknown[]): boolean {
  return !Token.isUnresolved(items) && items.length === 0;
}

/**
 * Returns the `count` of a resource that exists only if the list has items, or undefined if it surely has. Ask {@link
 * isEmptyList} first.
 */
export function countIfAny(items: readonly unknown[]): number | undefined {
  return Token.isUnresolved(items) ? num`length(${items}) > 0 ? 1 : 0` : undefined;
}

/** Returns the `count` of a resource that exists only if the list is empty, or undefined if it surely is. */
export function countIfNone(items: readonly unknown[]): number | undefined {
  return Token.isUnresolved(items) ? num`length(${items}) > 0 ? 0 : 1` : undefined;
}

/** Returns true if a resource that exists only if the list is empty is constructed at all. */
export function mayBeEmpty(items: readonly unknown[]): boolean {
  return Token.isUnresolved(items) || items.length === 0;
}

/**
 * Returns the `count` of a resource that a switch leaves out, or else the one that it has. While the switch is off, nothing else needs to be known.
 * @param wanted Switch; undefined: on.
 */
export function countIfWanted(wanted: boolean | undefined, count?: number): number | undefined {
  if (wanted === undefined) return count;
  return count === undefined ? num`${wanted} ? 1 : 0` : num`${wanted} ? (${count}) : 0`;
}

/**
 * Returns the `count` of a resource that exists only if a value is one of some, or undefined if it surely is. Ask {@link mayBeOneOf}
 * first.
 */
export function countIfOneOf(value: string, some: readonly string[]): number | undefined {
  return Token.isUnresolved(value) ? num`contains(${some}, ${value}) ? 1 : 0` : undefined;
}

/** Returns true if a resource that exists only if a value is one of some is constructed at all. */
export function mayBeOneOf(value: string, some: readonly string[]): boolean {
  return Token.isUnresolved(value) || some.includes(value);
}

/** Something with an address that may have a `count`: every resource and data source. */
export type Countable = TerraformElement & { count?: unknown };

/**
 * An attribute of a resource that may have been counted away or never been constructed, as a Terraform expression that is null then.
 * Use it for every resource whose `count` came from this file.
 */
export function attributeOf(resource: Countable | undefined, attribute: string): string {
  if (resource === undefined) return str`null`;
  return resource.count === undefined
    ? str`${resource.fqn}.${raw(attribute)}`
    : str`one(${resource.fqn}[*].${raw(attribute)})`;
}

/** Text that stands in an expression as it is: an attribute's name, an index. */
export function raw(text: string): IResolvable {
  return hcl(Object.assign([text], { raw: [text] }) as unknown as TemplateStringsArray);
}

/** The items of a value that may be null, for `for` and `for_each`: `value[*]` is empty for null, and one item otherwise. */
export function itemsOf(value: unknown): IResolvable {
  if (isAbsent(value)) return hcl`[]`;
  return isMaybe(value) ? hcl`${value}[*]` : hcl`[${value}]`;
}

/**
 * Adds a block that exists only if `value` is given. `content` is in Terraform's spelling (snake_case) and gets the value to
 * refer to.
 * @example optionalBlock(fn, "dead_letter_config", props.queueArn, (arn) => ({ target_arn: arn }))
 */
export function optionalBlock(
  resource: TerraformElement,
  name: string,
  value: unknown,
  content: (value: unknown) => Record<string, unknown>,
): void {
  if (isAbsent(value)) return;
  if (isMaybe(value))
    resource.addOverride(`dynamic.${name}`, { for_each: itemsOf(value), content: content(hcl`${raw(name)}.value`) });
  else resource.addOverride(name, [content(value)]);
}

/** A condition that must hold only if `value` is not given. Ask {@link mayBeAbsent} first. */
export function unlessGiven(value: unknown, condition: IResolvable): IResolvable {
  return isMaybe(value) ? hcl`${value} != null || ${condition}` : condition;
}

/** Returns `value`, or `fallback` if it is null. */
export function orElse(value: unknown, fallback: unknown): IResolvable {
  if (isAbsent(value)) return hcl`${fallback}`;
  return isMaybe(value) ? hcl`${value} == null ? ${fallback} : ${value}` : hcl`${value}`;
}
