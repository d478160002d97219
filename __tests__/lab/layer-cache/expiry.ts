/** Life-cycle rules of an entry's bucket. */
import type { LifecycleRule } from "../../../lab/aws/s3-lifecycle";

/** Name of the entry. */
export const ENTRY = "ci";

/** Rules after which manifests expire after so many days, and blobs after so many. */
export function expiryRules(days: { readonly manifests: number; readonly blobs: number }): LifecycleRule[] {
  return Object.entries(days).map(([part, Days]) => ({
    ID: part,
    Status: "Enabled",
    Filter: { Prefix: `${ENTRY}/${part}/` },
    Expiration: { Days },
  }));
}

/** The body of a request that puts rules. */
export function rulesXml(rules: readonly LifecycleRule[]): string {
  const written = rules.map(
    ({ ID, Status, Filter, Expiration }) =>
      `<Rule><ID>${ID}</ID><Status>${Status}</Status><Filter><Prefix>${Filter?.Prefix}</Prefix></Filter><Expiration><Days>${Expiration?.Days}</Days></Expiration></Rule>`,
  );
  return `<LifecycleConfiguration>${written.join("")}</LifecycleConfiguration>`;
}
