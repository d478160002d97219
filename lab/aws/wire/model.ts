/** The published models of AWS's APIs: the name of an operation, its encoding, its members. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A reference to a shape, with what the reference says about how it travels. */
export interface ShapeRef {
  readonly shape: string;
  readonly locationName?: string;
  readonly queryName?: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  readonly timestampFormat?: string;
  /** As of a shape: a list without an element around its own. */
  readonly flattened?: boolean;
}

/** A shape of a service model; which members are there depends on `type`. */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly member?: ShapeRef;
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly flattened?: boolean;
  /** Member that is the whole body. */
  readonly payload?: string;
  readonly locationName?: string;
  readonly timestampFormat?: string;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
}

/** One operation of a service. */
export interface Operation {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: ShapeRef;
  readonly output?: ShapeRef & { readonly resultWrapper?: string };
  /** Another operation of the same path has taken its place. */
  readonly deprecated?: boolean;
}

/** A service: its protocol, operations and shapes. */
export interface ServiceModel {
  readonly metadata: {
    readonly protocol: "ec2" | "query" | "json" | "rest-json" | "rest-xml";
    readonly apiVersion: string;
    readonly jsonVersion?: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string | { readonly uri: string };
  };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Finds a service's model by the name that requests are signed for. */
export type Models = (service: string) => ServiceModel;

/** Services whose requests are signed for another name than their model has. */
const FOLDER: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** Reads models on demand from a folder of botocore's layout, the newest version of each. */
export function readModels(folder: string): Models {
  const read = new Map<string, ServiceModel>();
  return (service) => {
    const known = read.get(service);
    if (known) return known;
    const own = join(folder, FOLDER[service] ?? service);
    const version = readdirSync(own).sort().at(-1) ?? "";
    const packed = readFileSync(join(own, version, "service-2.json.gz"));
    const model = JSON.parse(gunzipSync(packed).toString()) as ServiceModel;
    read.set(service, model);
    return model;
  };
}

/** The shape that a reference points to. */
export function shapeOf(model: ServiceModel, ref: ShapeRef): Shape {
  const shape = model.shapes[ref.shape];
  if (!shape) throw new Error(`the model names no shape ${ref.shape}`);
  return shape;
}

/** True if a service answers in XML (protocols `ec2` and `query`) rather than JSON. */
export function isXml(model: ServiceModel): boolean {
  return model.metadata.protocol === "ec2" || model.metadata.protocol === "query";
}
