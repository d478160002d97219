/** Options as commander gives them; which command has which: program.cjs. */
export interface Options {
  readonly cache?: string;
  readonly name?: string;
  readonly architecture?: "x86_64" | "arm64";
  readonly region?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly toNone?: boolean;
  readonly confirm?: string;
}
