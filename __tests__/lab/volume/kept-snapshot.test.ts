import { keyOf } from "./kept-snapshot";

describe("the key of a kept snapshot", () => {
  const parts = { userData: "#!/bin/bash", sizeGib: 3 };

  it("is a file name, and the same for the same parts in any order", () => {
    expect(keyOf(parts)).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({ sizeGib: 3, userData: "#!/bin/bash" })).toBe(keyOf(parts));
  });

  it.each([
    ["another value", { ...parts, sizeGib: 4 }],
    ["another part", { ...parts, kernel: "6.12" }],
    ["one part less", { sizeGib: 3 }],
    ["a value under another name", { script: "#!/bin/bash", sizeGib: 3 }],
    ["text that moves from one part to the next", { userData: "#!/bin/bash,3", sizeGib: "" }],
  ])("is another one for %s", (_, other: Record<string, string | number>) => {
    expect(keyOf(other)).not.toBe(keyOf(parts));
  });
});
