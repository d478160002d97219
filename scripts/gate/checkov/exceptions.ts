/** The checkov checks that our stacks fail on purpose. Each has its reason here and nowhere else; docs/security.md shows the list. */
export interface Exception {
  readonly id: string;
  readonly reason: string;
  /** Fails only where no customer key is configured. */
  readonly withoutKeyOnly?: true;
}

export const EXCEPTIONS: readonly Exception[] = [];
