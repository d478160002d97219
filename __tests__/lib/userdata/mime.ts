import { execFileSync } from "node:child_process";

/** Parts of user data as Python's email package has them, which cloud-init reads them with. */
export function parseMime(text: string): readonly { type: string; filename: string; content: string }[] {
  const code = `import email, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read())
print(json.dumps([{"type": part.get_content_type(), "filename": part.get_filename(), "content": part.get_payload(decode=True).decode()}
  for part in message.walk() if not part.is_multipart()]))`;
  return JSON.parse(execFileSync("python3", ["-c", code], { input: text, encoding: "utf8" }));
}
