/** The names of time zones that travel with the builder's module: those of IANA, each of which the configuration takes. */
import { isTimeZone } from "../../../../lib/config/resolve/build-times";
import { TIME_ZONES } from "../../../../lib/config/schema/time-zones";

const names = TIME_ZONES.split("\n").slice(0, -1);

test("there are all, in order, and each once", () => {
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toEqual(expect.arrayContaining(["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Calcutta"]));
  expect(names.length).toBeGreaterThan(590);
});

test("the configuration knows each", () => {
  expect(names.filter((name) => !isTimeZone(name))).toEqual([]);
});
