/** Over hundreds of cells a region's lists are read once, and few calls run at a time. */
import { survey } from "../../cli/commands/status";
import { createLimit } from "../../cli/limit";
import { CALLS_AT_ONCE, look } from "../../cli/region-ports";
import { manyCells } from "./many-cells";

jest.setTimeout(120_000);

test("status of 680 cells: a region's lists once, two calls a cell, eight at a time", async () => {
  const cells = await manyCells();
  expect(cells.targets).toHaveLength(680);
  const portsOf = look(cells.portsOf(createLimit(CALLS_AT_ONCE), 0));
  const search = { caches: cells.caches, regions: cells.regions, portsOf, hasFunction: async () => true };
  const [statuses, leftovers] = await survey(cells.targets, cells.targets, search);
  expect(statuses.filter(({ error, state }) => error !== null || state?.pointer.value === "none")).toEqual([]);
  expect(statuses.flatMap(({ plan }) => plan?.actions ?? [])).toEqual([]);
  expect(leftovers).toEqual([]);
  const { calls, most } = cells.counted();
  // A history a cell, three parameters of which ten go into a call, and a dozen lists a region.
  expect(calls).toBeLessThanOrEqual(680 + 17 * (12 + 13));
  expect(most).toBe(CALLS_AT_ONCE);
});
