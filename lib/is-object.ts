/** Returns true if a value is an object with keys: neither a list nor null. */
export function isObject<Value = unknown>(value: unknown): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
