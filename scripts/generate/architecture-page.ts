/** docs/architecture.md: which room may import which. */
import { EVERY_ROOM, ROOMS, type Rooms } from "../imports/rooms";
import { replaceSection } from "./section";

/** From the repository's root. */
export const ARCHITECTURE_PAGE = "docs/architecture.md";

const code = (room: string) => (room === EVERY_ROOM ? "every room" : `\`${room}\``);

/** The rooms as a table, from the top down. */
export function renderRooms(rooms: Rooms): string {
  const rows = Object.entries(rooms).map(
    ([room, imports]) => `| ${code(room)} | ${imports.map(code).join(", ") || "none"} |`,
  );
  return ["| room | may import |", "|---|---|", ...rows].join("\n");
}

/** The page with its table of rooms. */
export function renderArchitecturePage(page: string): string {
  return replaceSection(ARCHITECTURE_PAGE, page, "rooms", renderRooms(ROOMS));
}
