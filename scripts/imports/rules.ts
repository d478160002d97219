/** The rooms as rules of dependency-cruiser, whose paths are regular expressions. */
import { EVERY_ROOM, ROOMS, type Rooms } from "./rooms";

/** A rule of dependency-cruiser, as far as it is used here. */
export interface ImportRule {
  readonly name: string;
  readonly severity: "error";
  readonly comment: string;
  readonly from: { readonly path?: string; readonly pathNot?: readonly string[] };
  readonly to: {
    readonly pathNot?: readonly string[];
    readonly dependencyTypesNot?: readonly string[];
    readonly couldNotResolve?: false;
  };
}

/** In no room: packages, and the version that the command line shows. */
const OUTSIDE = ["^node_modules/", "^package\\.json$"];

const ANY_NAME = "[^/]+";

/** Matches everything below the room's folder, other rooms included, or the file; `name` stands for `<noun>`. */
function below(room: string, name: string): string {
  const isFile = /\.\w+$/.test(room);
  return room.replaceAll(".", "\\.").replace("<noun>", name) + (isFile ? "$" : "/");
}

/** Matches the files of a room; `name` stands for `<noun>`. */
function filesOf(room: string, rooms: Rooms, name = ANY_NAME): string {
  const around = new RegExp(`^${below(room, ANY_NAME)}`);
  const inside = Object.keys(rooms).filter(
    (other) => other !== room && around.test(`${other.replace("<noun>", "x")}/`),
  );
  const without = inside.length === 0 ? "" : `(?!${inside.map((other) => below(other, ANY_NAME)).join("|")})`;
  return `^${without}${below(room, name)}`;
}

/** The room of a file, or undefined if it is in none. */
export function roomOf(file: string, rooms: Rooms = ROOMS): string | undefined {
  return Object.keys(rooms).find((room) => new RegExp(filesOf(room, rooms)).test(file));
}

function ruleOf(room: string, imports: readonly string[], rooms: Rooms): ImportRule {
  return {
    name: room,
    severity: "error",
    comment: `${room} may import ${imports.join(", ") || "no other room"}`,
    from: { path: filesOf(room, rooms, `(${ANY_NAME})`) },
    to: {
      // $1 is the name that the group in `from` matched: a noun may import its own files alone.
      pathNot: [...OUTSIDE, filesOf(room, rooms, "$1"), ...imports.map((other) => filesOf(other, rooms))],
      dependencyTypesNot: ["core"],
      couldNotResolve: false,
    },
  };
}

/** One rule for each room that may not import everything, and one against files without a room. */
export function roomRules(rooms: Rooms = ROOMS): ImportRule[] {
  const limited = Object.entries(rooms).filter(([, imports]) => !imports.includes(EVERY_ROOM));
  return [
    ...limited.map(([room, imports]) => ruleOf(room, imports, rooms)),
    {
      name: "no-room",
      severity: "error",
      comment: "every file is in a room of scripts/imports/rooms.ts",
      from: { pathNot: [...OUTSIDE, ...Object.keys(rooms).map((room) => filesOf(room, rooms))] },
      to: {},
    },
  ];
}
