/**
 * The protocols `ec2` and `query`: a form going in, XML coming out. The service's model drives both directions of both.
 * So handlers see the same objects as a user of the SDK: PascalCase members, lists, Dates.
 */
import { XMLParser } from "fast-xml-parser";
import { type ServiceModel, type Shape, type ShapeRef, shapeOf } from "./model";

/** A form's keys as a tree: `Filter.1.Value.2=x` becomes { Filter: { 1: { Value: { 2: "x" } } } }. */
type FormTree = { [name: string]: FormTree | string };
/** XML as the parser gives it: text, an element's children, or several elements of one name. */
export type Xml = string | { [name: string]: Xml | Xml[] };

const PARSER = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
});
const PROTOCOL_KEYS = new Set(["Action", "Version"]);

/** Decodes a form to the input of an operation, and the names of parameters that the operation does not know. */
export function decodeForm(model: ServiceModel, ref: ShapeRef | undefined, form: URLSearchParams) {
  const tree: FormTree = {};
  for (const [key, value] of form) if (!PROTOCOL_KEYS.has(key)) plant(tree, key.split("."), value);
  if (!ref) return { input: {}, unknown: Object.keys(tree) };
  const members = shapeOf(model, ref).members ?? {};
  const names = new Set(Object.entries(members).map(([name, member]) => formName(model, name, member)));
  const unknown = Object.keys(tree).filter((name) => !names.has(name));
  return { input: fromTree(model, ref, tree) as Record<string, unknown>, unknown };
}

/** The form of an operation's input. */
export function encodeForm(model: ServiceModel, action: string, ref: ShapeRef | undefined, input: unknown) {
  const form = new URLSearchParams({ Action: action, Version: model.metadata.apiVersion });
  if (ref) toForm(model, ref, "", input, form);
  return form;
}

/** Decodes an answer in XML to the output of an operation. */
export function decodeXml(
  model: ServiceModel,
  output: (ShapeRef & { resultWrapper?: string }) | undefined,
  text: string,
) {
  const root = Object.values(PARSER.parse(text) as Record<string, Xml>).find((child) => typeof child === "object");
  if (!output || !root || typeof root === "string") return {};
  const body = output.resultWrapper ? (root[output.resultWrapper] as Xml | undefined) : root;
  return fromXml(model, output, body ?? "") as Record<string, unknown>;
}

/** The XML of an operation's output. */
export function encodeXml(
  model: ServiceModel,
  action: string,
  output: (ShapeRef & { resultWrapper?: string }) | undefined,
  value: unknown,
  requestId: string,
): string {
  const { xmlNamespace, protocol } = model.metadata;
  const namespace = typeof xmlNamespace === "object" ? xmlNamespace.uri : xmlNamespace;
  const body = output ? membersToXml(model, shapeOf(model, output), value) : "";
  const inner =
    protocol === "ec2"
      ? `<requestId>${requestId}</requestId>${body}`
      : `<${output?.resultWrapper ?? `${action}Result`}>${body}</${output?.resultWrapper ?? `${action}Result`}>` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${namespace}">${inner}</${action}Response>`;
}

/** The XML of an error. */
export function encodeXmlError(model: ServiceModel, code: string, message: string, requestId: string): string {
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  return model.metadata.protocol === "ec2"
    ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
    : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

/** Code and message of an error in XML, of either protocol. */
export function decodeXmlError(text: string): { code: string; message: string } {
  const find = (node: Xml | Xml[] | undefined): { [name: string]: Xml | Xml[] } | undefined => {
    if (!node || typeof node === "string") return undefined;
    if (Array.isArray(node)) return node.map(find).find(Boolean);
    return "Code" in node ? node : Object.values(node).map(find).find(Boolean);
  };
  const error = find(PARSER.parse(text) as Xml);
  return { code: String(error?.Code ?? "InternalError"), message: String(error?.Message ?? text.slice(0, 500)) };
}

function plant(tree: FormTree, path: string[], value: string): void {
  const [head = "", ...rest] = path;
  if (rest.length === 0) {
    tree[head] ??= value;
    return;
  }
  const branch = typeof tree[head] === "object" ? tree[head] : {};
  tree[head] = branch;
  plant(branch, rest, value);
}

/** The name of a member in a form. EC2 capitalises what the model writes for answers. */
function formName(model: ServiceModel, name: string, member: ShapeRef): string {
  if (model.metadata.protocol !== "ec2") return listName(model, member) ?? member.locationName ?? name;
  if (member.queryName) return member.queryName;
  return member.locationName ? member.locationName[0]?.toUpperCase() + member.locationName.slice(1) : name;
}

/** A flattened list of the query protocol travels under the name of its elements. */
function listName(model: ServiceModel, member: ShapeRef): string | undefined {
  const shape = shapeOf(model, member);
  return shape.type === "list" && shape.flattened ? shape.member?.locationName : undefined;
}

/** The part of a key between a list's name and the number of an element. */
function listInfix(model: ServiceModel, list: Shape): string | undefined {
  if (model.metadata.protocol === "ec2" || list.flattened) return undefined;
  return list.member?.locationName ?? "member";
}

/** A map travels as a list of entries, each with a key and a value. */
const ENTRY = "entry";

/** Key and value of a map, with the names that they have in an entry. */
function partsOf({ key, value, flattened }: Shape) {
  if (!key || !value || flattened) throw new Error("flattened maps are not known here");
  return [
    { ref: key, name: key.locationName ?? "key" },
    { ref: value, name: value.locationName ?? "value" },
  ] as const;
}

/** A map from its entries. */
function fromEntries(shape: Shape, entries: readonly unknown[], read: (ref: ShapeRef, part: unknown) => unknown) {
  const [key, each] = partsOf(shape);
  const parts = entries.filter((entry): entry is Record<string, unknown> => typeof entry === "object");
  return Object.fromEntries(
    parts.map((entry) => [String(read(key.ref, entry[key.name] ?? "")), read(each.ref, entry[each.name] ?? "")]),
  );
}

function fromTree(model: ServiceModel, ref: ShapeRef, tree: FormTree | string): unknown {
  const shape = shapeOf(model, ref);
  if (shape.type === "structure") {
    const value: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const branch = typeof tree === "object" ? tree[formName(model, name, member)] : undefined;
      if (branch !== undefined) value[name] = fromTree(model, member, branch);
    }
    return value;
  }
  if (shape.type === "list") {
    const infix = listInfix(model, shape);
    const branch = typeof tree === "object" && infix ? tree[infix] : tree;
    if (typeof branch !== "object" || !shape.member) return [];
    const numbers = Object.keys(branch).sort((a, b) => Number(a) - Number(b));
    return numbers.map((number) => fromTree(model, shape.member as ShapeRef, branch[number] ?? ""));
  }
  if (shape.type === "map") {
    const branch = typeof tree === "object" ? tree[ENTRY] : undefined;
    return fromEntries(shape, Object.values(typeof branch === "object" ? branch : {}), (ref, part) =>
      fromTree(model, ref, part as FormTree | string),
    );
  }
  return scalar(shape, typeof tree === "string" ? tree : "");
}

function toForm(model: ServiceModel, ref: ShapeRef, prefix: string, value: unknown, form: URLSearchParams): void {
  if (value === undefined || value === null) return;
  const shape = shapeOf(model, ref);
  const dot = prefix === "" ? "" : `${prefix}.`;
  if (shape.type === "structure") {
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      toForm(model, member, dot + formName(model, name, member), (value as Record<string, unknown>)[name], form);
    }
  } else if (shape.type === "list") {
    const infix = listInfix(model, shape);
    (value as unknown[]).forEach((element, index) => {
      toForm(model, shape.member as ShapeRef, `${dot}${infix ? `${infix}.` : ""}${index + 1}`, element, form);
    });
  } else if (shape.type === "map") {
    const [key, each] = partsOf(shape);
    Object.entries(value as Record<string, unknown>).forEach(([name, one], index) => {
      const entry = `${dot}${ENTRY}.${index + 1}.`;
      form.append(entry + key.name, name);
      toForm(model, each.ref, entry + each.name, one, form);
    });
  } else form.append(prefix, text(shape, value));
}

/** Decodes an element, or several of one name, to a value of the model's. */
export function fromXml(model: ServiceModel, ref: ShapeRef, node: Xml | Xml[]): unknown {
  const shape = shapeOf(model, ref);
  const element = Array.isArray(node) ? (node[0] ?? "") : node;
  if (shape.type === "structure") {
    const value: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const child = typeof element === "object" ? element[member.locationName ?? name] : undefined;
      if (child !== undefined) value[name] = fromXml(model, member, child);
    }
    return value;
  }
  if (shape.type === "list") {
    const inner = shape.member?.locationName ?? "member";
    const found = shape.flattened || ref.flattened ? node : typeof element === "object" ? element[inner] : undefined;
    const elements = found === undefined ? [] : Array.isArray(found) ? found : [found];
    return elements.map((child) => fromXml(model, shape.member as ShapeRef, child));
  }
  if (shape.type === "map") {
    const found = typeof element === "object" ? (element[ENTRY] ?? []) : [];
    return fromEntries(shape, [found].flat(), (ref, part) => fromXml(model, ref, part as Xml | Xml[]));
  }
  return scalar(shape, typeof element === "string" ? element : "");
}

function membersToXml(model: ServiceModel, shape: Shape, value: unknown): string {
  return Object.entries(shape.members ?? {})
    .map(([name, member]) =>
      toXml(model, member, member.locationName ?? name, (value as Record<string, unknown>)?.[name]),
    )
    .join("");
}

function toXml(model: ServiceModel, ref: ShapeRef, tag: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  const shape = shapeOf(model, ref);
  if (shape.type === "structure") return `<${tag}>${membersToXml(model, shape, value)}</${tag}>`;
  if (shape.type === "list") {
    const inner = shape.member?.locationName ?? "member";
    const elements = (value as unknown[]).map((element) => toXml(model, shape.member as ShapeRef, inner, element));
    return `<${tag}>${elements.join("")}</${tag}>`;
  }
  if (shape.type === "map") {
    const [key, each] = partsOf(shape);
    const entries = Object.entries(value as Record<string, unknown>).map(([name, one]) => {
      const parts = toXml(model, key.ref, key.name, name) + toXml(model, each.ref, each.name, one);
      return `<${ENTRY}>${parts}</${ENTRY}>`;
    });
    return `<${tag}>${entries.join("")}</${tag}>`;
  }
  return `<${tag}>${escapeXml(text(shape, value))}</${tag}>`;
}

/** A value of the type that the model gives it. */
export function scalar(shape: Shape, raw: string): unknown {
  if (shape.type === "boolean") return raw.toLowerCase() === "true";
  if (["integer", "long", "float", "double"].includes(shape.type)) return Number(raw);
  if (shape.type === "timestamp") return new Date(raw);
  return raw;
}

/** A value as it stands in XML or a form. */
export function text(shape: Shape, value: unknown): string {
  if (shape.type === "timestamp") return (value as Date).toISOString();
  return String(value);
}

/** Text as it stands in XML. */
export function escapeXml(raw: string): string {
  return raw
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}
