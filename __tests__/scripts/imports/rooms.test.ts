import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { preProcessFile } from "typescript";
import { projectFiles, ROOT } from "../../../lab/tools/project";
import { EVERY_ROOM, ROOMS, type Rooms } from "../../../scripts/imports/rooms";
import { roomOf } from "../../../scripts/imports/rules";

/** Configuration of tools lies at the root, in no room. */
const code = projectFiles().filter((file) => /\.([cm]?js|ts)$/.test(file) && !/^modules\/|^[^/]+\.c?js$/.test(file));

/** Files that a file imports, of `all`. */
function importsOf(file: string, all: ReadonlySet<string>): string[] {
  const { importedFiles } = preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)))
    .flatMap((path) => [path, `${path}.ts`, `${path}.cjs`].filter((candidate) => all.has(candidate)).slice(0, 1));
}

/** `from -> to` for all imports between rooms. */
function arrows(): Set<string> {
  // Code imports data, too.
  const data = projectFiles().filter((file) => file.endsWith(".json") && file.includes("/"));
  const all = new Set([...code, ...data]);
  const found = code.flatMap((file) => importsOf(file, all).map((other) => [roomOf(file), roomOf(other)]));
  return new Set(found.filter(([from, to]) => from !== to).map(([from, to]) => `${from} -> ${to}`));
}

/** Imports that are no room, or not below the room that lists them. */
function upward(rooms: Rooms): string[] {
  const order = Object.keys(rooms);
  return Object.entries(rooms).flatMap(([room, imports]) =>
    imports
      .filter((other) => other !== EVERY_ROOM && order.indexOf(other) <= order.indexOf(room))
      .map((other) => `${room} -> ${other}`),
  );
}

test("every arrow runs down", () => {
  expect(upward(ROOMS)).toEqual([]);
});

test("an arrow that runs up, or to no room, would be seen", () => {
  const rooms = { top: ["middle"], middle: ["middle", "top", "attic", "below"], below: [] };
  expect(upward(rooms)).toEqual(["middle -> middle", "middle -> top", "middle -> attic"]);
});

test("every listed arrow is used, and every arrow is listed", () => {
  const listed = Object.entries(ROOMS)
    .filter(([, imports]) => !imports.includes(EVERY_ROOM))
    .flatMap(([room, imports]) => imports.map((other) => `${room} -> ${other}`));
  const used = [...arrows()].filter((arrow) => !arrow.startsWith("__tests__ -> "));
  expect(used.sort()).toEqual(listed.sort());
});

test("every file of code is in a room, and no room is empty", () => {
  expect(code.filter((file) => roomOf(file) === undefined)).toEqual([]);
  expect(new Set(code.map((file) => roomOf(file)))).toEqual(new Set(Object.keys(ROOMS)));
});

test.each([
  ["lib/contract.ts", "lib/contract.ts"],
  ["lib/config/load.ts", "lib/config"],
  ["lib/config/check/all.ts", "lib/config/check"],
  ["lib/userdata/builder/more/deep.ts", "lib/userdata"],
  ["stacks/add-stacks.ts", "stacks"],
  ["stacks/parts/policy.ts", "stacks/parts"],
  ["stacks/pull-through/role.ts", "stacks/<noun>"],
  ["lib/contract.ts.bak", "lib"],
  ["lib/other.ts", "lib"],
  ["scripts/new-job/main.ts", undefined],
  ["new/main.ts", undefined],
])("%s is in the room %s", (file, room) => {
  expect(roomOf(file)).toBe(room);
});
