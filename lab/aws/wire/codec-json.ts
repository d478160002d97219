/** The protocols `json` and `rest-json`, both directions, driven by the service's model; timestamps become Dates. */
import { type Operation, type ServiceModel, type ShapeRef, shapeOf } from "./model";

/** Parts of a request that its members may travel in: the body, and for `rest-json` the path, the query and headers too. */
export interface JsonRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** The operation that a `rest-json` request calls: the one whose method and path template fit, longest template first. */
export function routeRest(model: ServiceModel, method: string, path: string): Operation | undefined {
  return Object.values(model.operations)
    .filter((operation) => operation.http.method === method && templateOf(operation).pattern.test(path))
    .sort((a, b) => b.http.requestUri.length - a.http.requestUri.length)[0];
}

/** Decodes a request to the input of an operation. */
export function decodeJson(model: ServiceModel, operation: Operation, request: JsonRequest): Record<string, unknown> {
  if (!operation.input) return {};
  const input = decodeBody(model, operation.input, request.body);
  const fromPath = templateOf(operation).pattern.exec(request.path)?.groups ?? {};
  for (const [name, ref] of Object.entries(shapeOf(model, operation.input).members ?? {})) {
    const wire = ref.locationName ?? name;
    if (ref.location === "uri") input[name] = decodeURIComponent(fromPath[groupName(wire)] ?? "");
    if (ref.location === "querystring" && request.query.has(wire)) {
      const list = shapeOf(model, ref).type === "list";
      input[name] = list ? request.query.getAll(wire) : request.query.get(wire);
    }
    if (ref.location === "header" && request.headers[wire.toLowerCase()] !== undefined) {
      input[name] = request.headers[wire.toLowerCase()];
    }
  }
  return input;
}

/** A body whose one member is bytes is handed over as text. */
function decodeBody(model: ServiceModel, ref: ShapeRef, body: string): Record<string, unknown> {
  const { payload, members = {} } = shapeOf(model, ref);
  const whole = payload === undefined ? undefined : members[payload];
  if (payload !== undefined && whole && shapeOf(model, whole).type === "blob") return { [payload]: body };
  return fromJson(model, ref, body === "" ? {} : JSON.parse(body)) as Record<string, unknown>;
}

/** The body of an operation's output. */
export function encodeJson(model: ServiceModel, operation: Operation, output: unknown): string {
  return JSON.stringify(operation.output ? toJson(model, operation.output, output ?? {}) : {});
}

/** Encodes an operation's input: method, path with query, and body. */
export function encodeJsonRequest(model: ServiceModel, operation: Operation, input: Record<string, unknown>) {
  const members = operation.input ? (shapeOf(model, operation.input).members ?? {}) : {};
  const query = new URLSearchParams();
  let path = operation.http.requestUri;
  const body: Record<string, unknown> = {};
  for (const [name, ref] of Object.entries(members)) {
    const value = input[name];
    if (value === undefined || value === null) continue;
    const wire = ref.locationName ?? name;
    if (ref.location === "uri") path = path.replace(new RegExp(`\\{${wire}\\+?\\}`), encodeURIComponent(String(value)));
    else if (ref.location === "querystring") for (const one of [value].flat()) query.append(wire, String(one));
    else if (!ref.location) body[wire] = toJson(model, ref, value);
  }
  const search = query.size > 0 ? `?${query}` : "";
  return { method: operation.http.method, path: path + search, body: JSON.stringify(body) };
}

/** Decodes an answer's body to the output of an operation. */
export function decodeJsonAnswer(model: ServiceModel, operation: Operation, body: string): Record<string, unknown> {
  if (!operation.output || body.trim() === "") return {};
  return fromJson(model, operation.output, JSON.parse(body) as unknown) as Record<string, unknown>;
}

/** A path template as a pattern with one named group for each `{member}`; `{member+}` spans slashes. */
function templateOf(operation: Operation): { pattern: RegExp } {
  const [path = "/"] = operation.http.requestUri.split("?");
  const source = path
    .replace(/[.*^$()|[\]\\]/g, "\\$&")
    .replace(/\{([^}+]+)(\+?)\}/g, (_all, name: string, greedy: string) =>
      // An ARN in a path arrives with its slashes escaped or not, depending on the client.
      greedy || /arn/i.test(name) ? `(?<${groupName(name)}>.+)` : `(?<${groupName(name)}>[^/]+)`,
    );
  return { pattern: new RegExp(`^${source}/?$`) };
}

function groupName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

function fromJson(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const shape = shapeOf(model, ref);
  if (shape.type === "structure") {
    const members = Object.entries(shape.members ?? {}).filter(([, member]) => !member.location);
    const read = members.map(([name, member]): [string, unknown] => {
      const raw = (value as Record<string, unknown>)[member.locationName ?? name];
      return [name, fromJson(model, member, raw)];
    });
    return Object.fromEntries(read.filter(([, member]) => member !== undefined));
  }
  if (shape.type === "list") return (value as unknown[]).map((one) => fromJson(model, shape.member as ShapeRef, one));
  if (shape.type === "map") {
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, one]) => [key, fromJson(model, shape.value as ShapeRef, one)]));
  }
  if (shape.type === "timestamp") return typeof value === "number" ? new Date(value * 1000) : new Date(String(value));
  return value;
}

function toJson(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const shape = shapeOf(model, ref);
  if (shape.type === "structure") {
    const members = Object.entries(shape.members ?? {}).filter(([, member]) => !member.location);
    return Object.fromEntries(
      members.map(([name, member]) => [
        member.locationName ?? name,
        toJson(model, member, (value as Record<string, unknown>)[name]),
      ]),
    );
  }
  if (shape.type === "list") return (value as unknown[]).map((one) => toJson(model, shape.member as ShapeRef, one));
  if (shape.type === "map") {
    const entries = Object.entries(value as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, one]) => [key, toJson(model, shape.value as ShapeRef, one)]));
  }
  if (shape.type === "timestamp") {
    const date = value as Date;
    return (ref.timestampFormat ?? shape.timestampFormat) === "iso8601" ? date.toISOString() : date.getTime() / 1000;
  }
  return value;
}
