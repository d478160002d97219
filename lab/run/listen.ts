import type { Server } from "node:net";

/** Lets a server of any protocol listen at a Unix socket. It does not keep this process alive: a run ends with the process. */
export function listenAt(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
    server.unref();
  });
}
