/** Life-cycle rules of an entry's bucket: those that the construct makes, and others for comparison. */
import type { LifecycleRule } from "../../../lab/aws/s3-lifecycle";
import { emittedRules } from "./emitted";

/** The rules with other days: manifests expire after so many, and blobs after so many. */
export function rulesWith(days: { readonly manifests: number; readonly blobs: number }): LifecycleRule[] {
  return emittedRules().map((rule) => {
    const own = Object.entries(days).find(([part]) => part === rule.ID)?.[1];
    return own === undefined ? rule : { ...rule, Expiration: { Days: own } };
  });
}

/** The body of a request that puts rules. */
export function rulesXml(rules: readonly LifecycleRule[]): string {
  const written = rules.map(({ ID, Status, Filter, Expiration, AbortIncompleteMultipartUpload: abort }) => {
    const expiration = Expiration ? `<Expiration><Days>${Expiration.Days}</Days></Expiration>` : "";
    const days = `<DaysAfterInitiation>${abort?.DaysAfterInitiation}</DaysAfterInitiation>`;
    const uploads = abort ? `<AbortIncompleteMultipartUpload>${days}</AbortIncompleteMultipartUpload>` : "";
    const filter = `<Filter><Prefix>${Filter?.Prefix}</Prefix></Filter>`;
    return `<Rule><ID>${ID}</ID>${filter}<Status>${Status}</Status>${expiration}${uploads}</Rule>`;
  });
  return `<LifecycleConfiguration>${written.join("")}</LifecycleConfiguration>`;
}
