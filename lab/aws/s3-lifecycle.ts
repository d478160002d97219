/** Life-cycle rules of a bucket, as PutBucketLifecycleConfiguration has them. */

/** Which objects a rule is about; without members: all. */
export interface LifecycleFilter {
  readonly Prefix?: string;
  readonly Tag?: LifecycleTag;
  /** Bytes. */
  readonly ObjectSizeGreaterThan?: number;
  /** Bytes. */
  readonly ObjectSizeLessThan?: number;
  readonly And?: Omit<LifecycleFilter, "Tag" | "And"> & { readonly Tags?: readonly LifecycleTag[] };
}

export interface LifecycleTag {
  readonly Key: string;
  readonly Value: string;
}

export interface LifecycleRule {
  readonly ID?: string;
  readonly Status: string;
  /** Before there were filters. */
  readonly Prefix?: string;
  readonly Filter?: LifecycleFilter;
  readonly Expiration?: {
    readonly Days?: number;
    readonly Date?: Date;
    readonly ExpiredObjectDeleteMarker?: boolean;
  };
  readonly NoncurrentVersionExpiration?: {
    readonly NoncurrentDays?: number;
    readonly NewerNoncurrentVersions?: number;
  };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation?: number };
}
