/** The protocol `rest-xml`, which S3 speaks: members in path, query and headers, one of them in the body, as XML or as it is. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { AwsError } from "../aws-error";
import { encodeS3 } from "../s3-names";
import { escapeXml, fromXml, scalar, text, type Xml } from "./codec-query";
import { type Operation, type ServiceModel, type ShapeRef, shapeOf } from "./model";
import { marksOf } from "./s3-operation";

/** `&#47;` is a slash, too: what is judged here must be what others read. */
const PARSER = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
});

type Values = Readonly<Record<string, unknown>>;

/** Encodes an operation's input. The path has the bucket before the key. */
export function encodeRestXml(model: ServiceModel, operation: Operation, input: Values) {
  const { members = {}, payload } = operation.input ? shapeOf(model, operation.input) : {};
  const query = [...marksOf(operation)].map(([name, value = ""]) => [name, value]);
  const headers: Record<string, string> = {};
  let path = operation.http.requestUri.split("?")[0] ?? "/";
  for (const [name, ref] of Object.entries(members)) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    const wire = ref.locationName ?? name;
    if (ref.location === "uri") path = path.replace(new RegExp(`\\{${wire}\\+?\\}`), () => encodeS3(String(value)));
    else if (ref.location === "querystring") query.push([wire, String(value)]);
    else if (ref.location === "header") headers[wire] = String(value);
  }
  const search = query.map(([name = "", value = ""]) => `${encodeS3(name)}=${encodeS3(value)}`).join("&");
  const url = search === "" ? path : `${path}?${search}`;
  return { method: operation.http.method, url, headers, body: encodePayload(model, members, payload, input) };
}

function encodePayload(
  model: ServiceModel,
  members: Readonly<Record<string, ShapeRef>>,
  payload: string | undefined,
  input: Values,
): Buffer {
  const ref = payload === undefined ? undefined : members[payload];
  const value = payload === undefined ? undefined : input[payload];
  if (!ref || payload === undefined || value === undefined) return Buffer.alloc(0);
  if (shapeOf(model, ref).type !== "structure") return Buffer.from(value as string);
  return Buffer.from(toXml(model, ref, ref.locationName ?? payload, value));
}

/**
 * Decodes the body of a request whose payload is a structure; of others, nothing.
 *
 * @throws AwsError MalformedXML if it lacks though it is required, is not well-formed, or has elements that the model does not know
 */
export function decodePayload(model: ServiceModel, { input }: Operation, body: Buffer): Record<string, unknown> {
  const { payload, members = {}, required = [] } = input ? shapeOf(model, input) : {};
  const ref = payload === undefined ? undefined : members[payload];
  if (!ref || payload === undefined || shapeOf(model, ref).type !== "structure") return {};
  if (body.length === 0 && !required.includes(payload)) return {};
  const content = body.toString();
  const root = XMLValidator.validate(content) === true ? rootOf(content) : undefined;
  const [tag, node] = root ?? [];
  if (node === undefined || tag !== (ref.locationName ?? payload) || !isKnown(model, ref, node)) {
    const words = "The XML you provided was not well-formed or did not validate against our published schema";
    throw new AwsError("MalformedXML", words, 400);
  }
  return { [payload]: fromXml(model, ref, node) };
}

/** Decodes an answer's body and headers to the output of an operation. */
export function decodeRestXml(
  model: ServiceModel,
  { output }: Operation,
  answer: { readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: Buffer },
): Record<string, unknown> {
  if (!output) return {};
  const { payload, members = {} } = shapeOf(model, output);
  const whole = payload === undefined ? undefined : members[payload];
  const inHeaders = Object.entries(members).flatMap(([name, ref]) => {
    const value = ref.location === "header" ? answer.headers[(ref.locationName ?? name).toLowerCase()] : undefined;
    return typeof value === "string" ? [[name, scalar(shapeOf(model, ref), value)] as const] : [];
  });
  const headers = Object.fromEntries(inHeaders);
  if (payload !== undefined && whole && shapeOf(model, whole).type !== "structure") {
    return { ...headers, [payload]: shapeOf(model, whole).type === "blob" ? answer.body : answer.body.toString() };
  }
  const [, node] = rootOf(answer.body.toString()) ?? [];
  if (node === undefined) return headers;
  const body = fromXml(model, whole ?? output, node) as Record<string, unknown>;
  return { ...(payload === undefined ? body : { [payload]: body }), ...headers };
}

function rootOf(content: string): [string, Xml] | undefined {
  const parsed = PARSER.parse(content) as Record<string, Xml>;
  return Object.entries(parsed).find(([name]) => !name.startsWith("?") && name !== "#text");
}

/** True if every element is one that the model has there. */
function isKnown(model: ServiceModel, ref: ShapeRef, node: Xml | Xml[]): boolean {
  const shape = shapeOf(model, ref);
  if (shape.type === "list" && (shape.flattened || ref.flattened)) {
    return [node].flat().every((one) => isKnown(model, shape.member as ShapeRef, one));
  }
  if (Array.isArray(node)) return false;
  const children = Object.entries(typeof node === "string" ? { "#text": node } : node);
  if (shape.type === "list") {
    const inner = shape.member?.locationName ?? "member";
    return children.every(([name, child]) =>
      name === inner
        ? [child].flat().every((one) => isKnown(model, shape.member as ShapeRef, one))
        : isSpace(name, child),
    );
  }
  if (shape.type !== "structure") return typeof node === "string";
  const members = Object.entries(shape.members ?? {});
  return children.every(([tag, child]) => {
    const member = members.find(([name, { locationName = name }]) => locationName === tag)?.[1];
    return member ? isKnown(model, member, child) : isSpace(tag, child);
  });
}

function isSpace(name: string, child: Xml | Xml[]): boolean {
  return name === "#text" && typeof child === "string" && child.trim() === "";
}

function toXml(model: ServiceModel, ref: ShapeRef, tag: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  const shape = shapeOf(model, ref);
  if (shape.type === "list") {
    const member = shape.member as ShapeRef;
    const flattened = shape.flattened || ref.flattened;
    const inner = flattened ? tag : (member.locationName ?? "member");
    const elements = (value as unknown[]).map((element) => toXml(model, member, inner, element)).join("");
    return flattened ? elements : `<${tag}>${elements}</${tag}>`;
  }
  if (shape.type !== "structure") return `<${tag}>${escapeXml(text(shape, value))}</${tag}>`;
  const children = Object.entries(shape.members ?? {}).map(([name, member]) =>
    toXml(model, member, member.locationName ?? name, (value as Values)[name]),
  );
  return `<${tag}>${children.join("")}</${tag}>`;
}
