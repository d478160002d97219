/** A plan in JSON, as far as the faces of a companion are held against each other by it. */
export interface Planned {
  readonly resource_changes: readonly {
    readonly address: string;
    readonly mode: string;
    readonly change: { readonly after: object; readonly after_unknown: object };
  }[];
  /** Terraform leaves it out if no output changes. */
  readonly output_changes: Readonly<Record<string, { readonly after: unknown; readonly after_unknown: unknown }>>;
}
