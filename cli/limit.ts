/** Not too many calls at a time, whatever asks for them: over hundreds of cells AWS throttles, and answers pile up in memory. */
import type { Clients } from "../lambda-src/rotation/aws/clients";

/** Runs a call when its turn has come. */
export type Limit = <Result>(call: () => Promise<Result>) => Promise<Result>;

/** Lets at most `most` calls run at a time, the others wait in their order. */
export function createLimit(most: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (call) => {
    if (running < most) running++;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

interface Sending {
  send(...args: unknown[]): Promise<unknown>;
}

/** The same client, each of whose calls waits for its turn; pages of a list are calls of their own. */
export function limitClient<Client extends object>(client: Client, limit: Limit): Client {
  const { send } = client as unknown as Sending;
  const limited: Sending = { send: (...args) => limit(() => send.apply(client, args)) };
  return Object.assign(Object.create(client) as Client, limited);
}

export function limitClients({ ec2, ssm, autoScaling }: Clients, limit: Limit): Clients {
  return { ec2: limitClient(ec2, limit), ssm: limitClient(ssm, limit), autoScaling: limitClient(autoScaling, limit) };
}
