import { z } from "zod";
import { withoutDefaults } from "../../../../lib/config/schema/override";

const schema = withoutDefaults(
  z.strictObject({
    size: z.int().min(1).nullable().default(5).describe("Size."),
    group: z
      .strictObject({ list: z.array(z.string()).default([]).describe("List.") })
      .prefault({})
      .describe("Group."),
  }),
);

test("says nothing of what is not said, at any depth", () => {
  expect(schema.parse({})).toEqual({});
  expect(schema.parse({ group: {} })).toEqual({ group: {} });
  expect(schema.parse({ size: null })).toEqual({ size: null });
});

test("keeps bounds, kinds, unknown keys and meanings", () => {
  expect(schema.safeParse({ size: 0 }).success).toBe(false);
  expect(schema.safeParse({ group: { lists: [] } }).success).toBe(false);
  expect(schema.shape.size!.description).toBe("Size.");
  expect(schema.shape.group!.description).toBe("Group.");
});
