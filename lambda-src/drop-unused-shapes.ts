/** A plugin for esbuild that leaves out what the function does not use of the SDK. */
import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/**
 * The SDK describes every shape of a service as an array with computed keys, e.g. `{ [_xN]: … }`. esbuild must assume that computing a
 * key has side effects and keeps all of EC2's 2,600 shapes. The keys are constants of the same file: written out, the unused ones go.
 */
export const dropUnusedShapes: Plugin = {
  name: "drop-unused-shapes",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const constants = new Map(
        [...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map((match) => [match[1], match[2]]),
      );
      const contents = source.replace(/\[(_\w+)\]:/g, (whole, name: string) => {
        const value = constants.get(name);
        return value === undefined ? whole : `${value}:`;
      });
      return { loader: "js", contents };
    });
  },
};
