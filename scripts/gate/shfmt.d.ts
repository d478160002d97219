/** Types of shfmt's package by the name that is imported: TypeScript's resolution here does not read a package's `exports`. */
declare module "@wasm-fmt/shfmt" {
  export { format } from "@wasm-fmt/shfmt/shfmt";
}
