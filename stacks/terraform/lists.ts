/** Lists and objects that are literals in a stack and whole variables in a module: one lambda says in both what becomes of an item. */
import { type IResolvable, Token } from "./cdktf";
import { hcl, list, num, str } from "./expression";
import { raw } from "./maybe";

/** `volumeSizeGib` → `volume_size_gib`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Stands for one object of a list in a `for` expression: reading a property gives a reference in Terraform's spelling. */
function itemReference<T extends object>(variable: string): T {
  return new Proxy({} as T, { get: (_, property) => str`${raw(`${variable}.${snakeCase(String(property))}`)}` });
}

/** One string for each object of a list. */
export function mapObjects<T extends object>(items: readonly T[], print: (item: T) => string): string[] {
  if (!Token.isUnresolved(items)) return items.map(print);
  return list`[for item in ${items} : ${print(itemReference<T>("item"))}]`;
}

/** One string for each entry of a map. */
export function mapEntries(
  entries: Readonly<Record<string, string>>,
  print: (key: string, value: string) => string,
): string[] {
  if (!Token.isUnresolved(entries)) return Object.entries(entries).map(([key, value]) => print(key, value));
  return list`[for key, value in ${entries} : ${print(str`key`, str`value`)}]`;
}

/** A call of a Terraform function: `call("concat", a, b)` is `concat(a, b)`. */
export function call(name: string, ...values: readonly unknown[]): IResolvable {
  const text = values.map((_, index) => (index === 0 ? `${name}(` : ", "));
  const strings = [...text, ")"];
  return hcl(Object.assign(strings, { raw: strings }) as unknown as TemplateStringsArray, ...values);
}

/** A product, computed at once if both are literals. */
export function times(value: number, factor: number): number {
  return Token.isUnresolved(value) ? num`${value} * ${factor}` : value * factor;
}

/** Objects in Terraform's spelling: keys of literals become snake_case, a variable has them already. */
export function objects<T extends object>(items: readonly T[]): unknown {
  if (Token.isUnresolved(items)) return items;
  return items.map((item) => Object.fromEntries(Object.entries(item).map(([key, value]) => [snakeCase(key), value])));
}

/** Keys of a map, and more of them. */
export function keysOf(map: Readonly<Record<string, string>>, more: readonly string[] = []): string[] {
  if (Token.isUnresolved(map)) return more.length > 0 ? list`concat(keys(${map}), ${more})` : list`keys(${map})`;
  return [...new Set([...Object.keys(map), ...more])].sort();
}
