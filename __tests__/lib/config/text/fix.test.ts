import { z } from "zod";
import { fixFor } from "../../../../lib/config/text/fix";

const time = z.string().regex(/^[0-2][0-9]:[0-5][0-9]$/);

test.each<[z.ZodType | undefined, unknown, string | undefined, string]>([
  [z.string(), undefined, undefined, "add key"],
  [z.object({}), null, "", "write {} for the defaults, or remove the key"],
  [z.string(), null, "~", "correct it"],
  [z.string().default("x"), null, "~", "correct it, or remove it for the default, x"],
  [z.string().nullable().default(null), [], undefined, "correct it, or remove it for the default, null"],
  [z.string().optional(), {}, undefined, "correct it, or remove it"],
  [z.boolean().optional(), null, "~", "correct it, or remove it"],
  [z.array(z.int()).default([]), {}, undefined, "correct it, or remove it for the default"],
  [z.boolean(), "on", "on", "write true"],
  [z.boolean(), "N", "N", "write false"],
  [z.boolean(), "nope", "nope", "correct it"],
  [z.int(), "12", "12", "write 12 without quotes"],
  [z.int(), "", "", "correct it"],
  [time, "3:00", "3:00", 'write "03:00"'],
  [time, "3:99", "3:99", "correct it"],
  [z.enum(["hot", "all"]), "hott", "hott", "write hot"],
  [z.enum(["hot", "all"]), "cold-and-wet", "cold-and-wet", "correct it"],
  [z.string(), 3.1, "3.10", 'put it in quotes: "3.10"'],
  [z.array(z.int()), 3, "3", "make it a list: [3]"],
  [undefined, "text", "text", "correct it"],
])("%#: for %j", (field, found, source, fix) => {
  expect(fixFor(field, "key", found, source)).toBe(fix);
});
