/** gRPC as far as Terraform and a provider speak it: calls are handed on unread, or answered with one message. */
import type { ClientHttp2Session, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

/** gRPC's status for a service that is not there: that of the plugin's own standard output, and its broker. */
export const UNIMPLEMENTED = "12";
/** gRPC's status for a server that cannot answer now. */
export const UNAVAILABLE = "14";

function requestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const names = [":method", ":path", "content-type", "te", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding"];
  return Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])));
}

/** Hands a call to the provider, and its answer back, as they come. */
export function passOn(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, session: ClientHttp2Session): void {
  if (stream.destroyed) return;
  const request = session.request(requestHeaders(headers));
  let trailers: IncomingHttpHeaders = {};
  request.on("error", () => request.destroy());
  // The last event, however it ended: by then an answer that was whole has been handed on, and what was not whole never will be.
  request.once("close", () => {
    if (!stream.headersSent) refuse(stream, UNAVAILABLE, "the provider ended before it answered");
    else if (!stream.writableEnded) stream.destroy();
  });
  request.on("trailers", (found) => {
    trailers = found;
  });
  request.on("response", ({ ":status": status = 200, ...rest }, flags) => {
    if (stream.destroyed) return;
    // The flag END_STREAM: no body and no trailers follow.
    if (flags & 1) return stream.respond({ ":status": status, ...rest }, { endStream: true });
    stream.respond({ ":status": status, ...rest }, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    request.pipe(stream);
  });
  stream.once("close", () => request.close());
  stream.pipe(request);
}

/** A whole answer. */
export function answer(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frame(message));
}

/** An answer that is an error, unless one was begun already. */
export function refuse(stream: ServerHttp2Stream, status: string, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  const headers = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": status,
    "grpc-message": encodeURIComponent(message),
  };
  stream.respond(headers, { endStream: true });
}

/** A message as gRPC sends it: not compressed, its length, itself. */
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Asks the provider for its schema, whole. */
export async function readSchema(session: ClientHttp2Session, headers: IncomingHttpHeaders): Promise<Buffer> {
  const request = session.request(requestHeaders(headers));
  request.end(frame(Buffer.alloc(0)));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answered = Buffer.concat(chunks);
  if (answered.length < 5 || answered.readUInt32BE(1) !== answered.length - 5)
    throw new Error(`the provider told ${answered.length} bytes of its schema, which is not all of it`);
  return answered.subarray(5);
}
