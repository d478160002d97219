import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cutSchema, namedTypes } from "../../../lab/provider/provider-schema";

/** A field of a protocol buffer message that begins with its length; both fit into a byte, or the length into two. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

/** An entry of a map: its key, and a schema of some length. */
const entry = (name: string) => Buffer.concat([field(1, name), field(2, "x".repeat(200))]);

test("of resource types, data sources and ephemeral resources only those that are named stay, in their order; all else stays as it is", () => {
  const [provider, diagnostics, capabilities] = [field(1, "the provider"), field(4, "careful"), field(6, "can")];
  const message = Buffer.concat([
    provider,
    field(2, entry("aws_vpc")),
    field(2, entry("aws_vpcs")),
    diagnostics,
    field(3, entry("aws_vpc")),
    field(3, entry("aws_ami")),
    field(8, entry("aws_other")),
    capabilities,
  ]);
  const kept = [provider, field(2, entry("aws_vpc")), diagnostics, field(3, entry("aws_vpc")), capabilities];
  expect(cutSchema(message, new Set(["aws_vpc", "aws_nothing"]))).toEqual(Buffer.concat(kept));
});

test("what is no such message is an error", () => {
  expect(() => cutSchema(Buffer.from([0x08, 0x01]), new Set())).toThrow("a field of kind 0");
  expect(() => cutSchema(Buffer.from([0x12, 0x80]), new Set())).toThrow("in the middle of a number");
  expect(() => cutSchema(field(2, field(3, "no name")), new Set())).toThrow("begins with field 3, expected its name");
});

test("a file that is new names its types at once", () => {
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-names-"));
  try {
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    writeFileSync(join(folder, "main.tf"), 'resource "aws_new_thing" "it" { x = data.aws_old.y.id }\n');
    writeFileSync(join(folder, "binary.bin"), "aws_unread");
    expect([...namedTypes(folder)].sort()).toEqual(["aws_new_thing", "aws_old"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
