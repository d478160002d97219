/** Something that is not in order, and what to do. */
export interface Fault {
  readonly found: string;
  readonly fix: string;
}
