/** The configuration's JSON Schema, which editors complete and check with. */
import { z } from "zod";
import type { Companion } from "../../lib/config/companion";
import { COMPANIONS } from "../../lib/config/companions/all";
import { configSchemaWith } from "../../lib/config/section";

/** From the repository's root; docker-cache.yaml names it in its first line. */
export const EDITOR_SCHEMA = "docker-cache.schema.json";

/** In draft 7, which the YAML language server knows best. How fields go together only `cdktf synth` checks. */
export function renderEditorSchema(companions: readonly Companion[] = COMPANIONS): string {
  const { $schema, ...schema } = z.toJSONSchema(configSchemaWith(companions), {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      // Not every validator reads patterns as Unicode: to the others every tag would be wrong.
      if (jsonSchema.pattern?.includes("\\p{")) delete jsonSchema.pattern;
    },
  });
  const titled = { $schema, title: "aws-ebs-docker-cache", description: "Reference: docs/configuration.md", ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
