import { gateWarning } from "../../../cli/commands/build";
import { bareSettings } from "../../../cli/targets";

const target = { region: "eu-west-1", settings: bareSettings("ci", "x86_64"), replicateAt: "05:00" };

test("a build that the replication would turn away is warned of, with the time from which on it goes on", () => {
  expect(gateWarning(target, new Date("2026-11-26T04:30:00Z"))).toBe(
    "eu-west-1 ci/x86_64: a builder that starts now yields: DLM replicates the volume at 05:00 UTC, and no build may meet it. Start it from 06:11 UTC on",
  );
  expect(gateWarning(target, new Date("2026-11-26T12:00:00Z"))).toBeNull();
});

test("where nothing is replicated, or nobody knows, nothing is said", () => {
  const now = new Date("2026-11-26T04:30:00Z");
  expect(gateWarning({ ...target, replicateAt: null }, now)).toBeNull();
  expect(gateWarning({ ...target, replicateAt: undefined }, now)).toBeNull();
});
