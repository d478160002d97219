/** Options as commander gives them; cli/texts/table.cjs says which command has which. */
export interface Options {
  readonly cache?: string;
  readonly name?: string;
  readonly architecture?: "x86_64" | "arm64";
  readonly region?: string;
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly images?: boolean;
  readonly toNone?: boolean;
  readonly from?: string;
  readonly confirm?: string;
  readonly confirmDeployed?: string;
  readonly accountId?: string;
  readonly rule?: string;
  readonly entry?: string;
}
