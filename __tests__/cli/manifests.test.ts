/** Manifests that builds have published, read from pages as CloudWatch Logs gives them. In AWS's place: commands.slow.test.ts. */
import { createHash } from "node:crypto";
import { manifestIn, NoManifest, type ReadPage, readManifest } from "../../cli/manifests";

const manifest = (version = 2) => JSON.stringify({ version, images: [{ reference: "a:1" }] });
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Pages by token; each names the next. */
const pages =
  (...texts: readonly (readonly string[])[]): ReadPage =>
  async (token = "0") => ({
    messages: [...(texts[Number(token)] ?? [])],
    next: String(Math.min(Number(token) + 1, texts.length)),
  });

test("the event whose hash is asked for, also behind empty pages", async () => {
  const text = manifest();
  await expect(manifestIn(pages([text]), hashOf(text))).resolves.toEqual(JSON.parse(text));
  await expect(manifestIn(pages([], [], [text]), hashOf(text))).resolves.toEqual(JSON.parse(text));
});

test("a manifest of one version before is read, no other", async () => {
  const [before, later] = [manifest(1), manifest(3)];
  await expect(manifestIn(pages([before]), hashOf(before))).resolves.toEqual(JSON.parse(before));
  await expect(manifestIn(pages([later]), hashOf(later))).rejects.toThrow("version 3, and this command reads 2");
});

test("an event with another hash is refused, and an empty stream is none", async () => {
  await expect(manifestIn(pages([`${manifest()} `]), hashOf(manifest()))).rejects.toThrow("it was changed");
  await expect(manifestIn(pages([], []), hashOf(manifest()))).rejects.toThrow("no manifest is published as");
  await expect(manifestIn(async () => ({ messages: [] }), hashOf(manifest()))).rejects.toThrow(NoManifest);
  let asked = 0;
  const endless: ReadPage = async () => ({ messages: [], next: String(++asked) });
  await expect(manifestIn(endless, hashOf(manifest()))).rejects.toThrow(NoManifest);
  expect(asked).toBe(10);
});

test.each([undefined, "", "x", `${"a".repeat(64)}/../other`])(
  "a tag that is no hash is never asked for: %j",
  async (tag) => {
    const cache = { name: "ci", architecture: "x86_64" };
    await expect(readManifest("eu-west-1", cache, tag)).rejects.toThrow("the snapshot's tags name no manifest");
  },
);
