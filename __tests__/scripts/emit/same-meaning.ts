/** The part of a plan that must be equal when two configurations mean the same. */

/**
 * A plan without what says how the configuration was written or when it ran.
 * @param plan from `terraform show -json`
 */
export function sameMeaning(plan: Record<string, unknown>): Record<string, unknown> {
  const { timestamp: _when, relevant_attributes: relevant, ...rest } = plan;
  // Terraform lists these in no order.
  const sorted = ((relevant ?? []) as unknown[]).map((item) => JSON.stringify(item)).sort();
  return stripConstants({ ...rest, relevant_attributes: sorted }) as Record<string, unknown>;
}

/**
 * Removes the `constant_value` of templates, which nothing reads. The plan of a JSON configuration shows the template itself there. That of HCL does
 * not, and leaves the whole entry out if there are no references either.
 */
function stripConstants(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripConstants);
  // Terraform turns the boolean into the text that the provider wants; only the planned values tell.
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, item]) => !(key === "constant_value" && isTemplate(item)));
  const stripped = entries.map(([key, item]) => [key, inOrder(key, stripConstants(item))] as const);
  return Object.fromEntries(stripped.filter(([key, item]) => !(key.endsWith("_expression") && isEmpty(item))));
}

/** Modules that a module calls are listed in no order. */
function inOrder(key: string, item: unknown): unknown {
  if (key !== "child_modules") return item;
  return (item as { address: string }[]).toSorted((a, b) => (a.address < b.address ? -1 : 1));
}

function isTemplate(value: unknown): boolean {
  return /[$%]\{/.test(JSON.stringify(value));
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
