/** Overrides: the same fields without their defaults, so that what is not said falls through. */
import { z } from "zod";

/** The same object with every field optional and no default, at every depth. Descriptions stay. */
export function withoutDefaults(schema: z.ZodObject): z.ZodObject {
  const fields = Object.entries(schema.shape).map(([key, field]) => {
    const bare = strip(field as z.ZodType);
    return [key, bare.optional().describe((field as z.ZodType).description!)] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}

/** Takes the default off a field; a group of fields is stripped all the way down. */
function strip(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodPrefault) return strip(field.unwrap() as z.ZodType);
  return field instanceof z.ZodObject ? withoutDefaults(field) : field;
}
