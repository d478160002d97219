/** The operation that a request to S3 calls, by the service's model: method, path, marks in the query, and required members. */
import { AwsError } from "../aws-error";
import { type Operation, type ServiceModel, type ShapeRef, shapeOf } from "./model";

/** Parts of a request that say which operation it calls. */
export interface S3Call {
  readonly method: string;
  readonly level: Level;
  /** The query, each name once. */
  readonly query: ReadonlyMap<string, string>;
  /** Names of the headers, in lower case. */
  readonly headers: ReadonlySet<string>;
}

export type Level = "service" | "bucket" | "key";

/** An operation and what a request must have to be one of it. */
interface Route {
  readonly operation: Operation;
  readonly level: Level;
  /** Parts of the query without which it is another operation: `acl`, and `list-type` with its value. */
  readonly marks: ReadonlyMap<string, string | undefined>;
  /** Required members, by the names under which they travel. */
  readonly query: readonly string[];
  readonly headers: readonly string[];
}

const LEVELS: Readonly<Record<string, Level>> = { "/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "key" };
/** It differs from ListBuckets by the name that it is signed for (`s3express`). */
const LEFT_OUT = new Set(["ListDirectoryBuckets"]);

const known = new WeakMap<ServiceModel, readonly Route[]>();

/** Members of an operation's input that travel in a place, with their names there. */
export function membersIn(model: ServiceModel, { input }: Operation, location: ShapeRef["location"]) {
  const { members = {} } = input ? shapeOf(model, input) : {};
  return Object.entries(members)
    .filter(([, ref]) => ref.location === location)
    .map(([name, ref]) => ({ name, wire: ref.locationName ?? name }));
}

/** The marks of an operation, as its template has them. */
export function marksOf({ http }: Operation): Map<string, string | undefined> {
  const marks = (http.requestUri.split("?")[1] ?? "").split("&").filter((mark) => mark !== "");
  return new Map(marks.map((mark) => mark.split("=") as [string, string | undefined]));
}

/**
 * The operation that a request calls: of those that fit, the one that asks for most.
 *
 * @throws AwsError if none fits, or if the query has the mark of another operation, or a name that the operation does not know. S3 ignores names
 * that begin with `x-`; what it does with others is not documented.
 */
export function s3OperationOf(model: ServiceModel, call: S3Call): Operation {
  const routes = routesOf(model);
  const [best] = routes.filter((route) => fits(route, call)).sort((a, b) => weight(b) - weight(a));
  const rest = [...call.query.keys()].filter((name) => !/^x-/i.test(name));
  if (!best) throw unknownCall(call, rest);
  const own = new Set([
    ...best.marks.keys(),
    ...membersIn(model, best.operation, "querystring").map(({ wire }) => wire),
  ]);
  const strange = rest.find((name) => !own.has(name));
  if (strange === undefined) return best.operation;
  if (!routes.some(({ marks, query }) => marks.has(strange) || query.includes(strange))) throw unknownCall(call, rest);
  const text = `Conflicting query string parameters: ${rest.sort().join(", ")}`;
  throw new AwsError("InvalidArgument", text, 400);
}

function unknownCall({ method, level }: S3Call, names: readonly string[]): AwsError {
  const text = `The emulated S3 knows no ${method} of a ${level} with the query parameters [${names.join(", ")}]`;
  return new AwsError("NotImplemented", text, 501);
}

function fits({ operation, level, marks, query, headers }: Route, call: S3Call): boolean {
  if (operation.http.method !== call.method || level !== call.level) return false;
  const marked = [...marks].every(([name, value]) => {
    const given = call.query.get(name);
    return given !== undefined && (value === undefined || given === value);
  });
  return marked && query.every((name) => call.query.get(name)) && headers.every((name) => call.headers.has(name));
}

function weight({ marks, query, headers }: Route): number {
  return marks.size + query.length + headers.length;
}

function routesOf(model: ServiceModel): readonly Route[] {
  const read = known.get(model);
  if (read) return read;
  const routes = Object.values(model.operations).flatMap((operation) => {
    const level = LEVELS[operation.http.requestUri.split("?")[0] ?? ""];
    if (!level || operation.deprecated || LEFT_OUT.has(operation.name)) return [];
    const required = new Set(operation.input ? shapeOf(model, operation.input).required : []);
    const names = (location: "querystring" | "header") =>
      membersIn(model, operation, location)
        .filter(({ name }) => required.has(name))
        .map(({ wire }) => wire);
    const headers = names("header").map((name) => name.toLowerCase());
    return [{ operation, level, marks: marksOf(operation), query: names("querystring"), headers }];
  });
  known.set(model, routes);
  return routes;
}
