import { type LabProcess, startInRun } from "../run/process";
import { inRun, type LabRun } from "../run/run";

/** Addresses inside a run: a VPC of its own, 10.0.0.0/16, without any way out. */
export const labAddresses = {
  gateway: "10.0.0.1",
  /** The resolver, as in any VPC, and every AWS endpoint. */
  endpoints: "10.0.0.2",
  registry: "10.0.0.3",
  metadata: "169.254.169.254",
} as const;

/** Name of the lab's registry. */
export const registryHost = "registry.lab";
/** Public registries: the lab's registry stands in for all of them, with what a test has put below the names that they have there. */
export const upstreamHosts = [
  "registry-1.docker.io",
  "public.ecr.aws",
  "quay.io",
  "registry.k8s.io",
  "ghcr.io",
] as const;

/** Makes the run's network: a bridge with the lab's own addresses, and a name server that knows the AWS endpoints and the registry, nothing else. */
export async function startNetwork(run: LabRun): Promise<void> {
  const { gateway, endpoints, registry, metadata } = labAddresses;
  const batch = [
    // With an address of its own: else it takes the lowest of its ports', which changes as machines come and go. Machines that remember the former
    // one would reach nobody for half a minute.
    "link add lab0 address 0a:00:0a:00:00:01 type bridge",
    `addr add ${gateway}/16 dev lab0`,
    ...[endpoints, registry, metadata].map((address) => `addr add ${address}/32 dev lab0`),
    "link set lab0 up",
  ];
  await inRun(run, ["ip", "-batch", "-"], { input: batch.join("\n") });
  // Forwarding without a route: what leaves the lab is told `unreachable` at once, instead of being left to time out.
  await inRun(run, ["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
  const names = ["amazonaws.com", "amazonaws.com.cn", "api.aws", "on.aws"].map(
    (domain) => `--address=/${domain}/${endpoints}`,
  );
  await startInRun(run, [
    "dnsmasq",
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--user=root",
    "--no-resolv",
    "--no-hosts",
    "--no-dhcp-interface=lab0",
    "--bind-interfaces",
    `--listen-address=${endpoints}`,
    "--pid-file=",
    "--local=/#/",
    ...names,
    ...[registryHost, ...upstreamHosts].map((host) => `--address=/${host}/${registry}`),
  ]);
}

/** A machine's place in the network. */
export interface NetworkPlace {
  /** Name of its network namespace. */
  readonly namespace: string;
  readonly address: string;
  readonly mac: string;
  readonly hostname: string;
}

/** Gives the machine with this number (from 0) a network namespace. It has an address that is up before the boot, and a limit to what it receives. */
export async function plugIn(run: LabRun, number: number, megabitsPerSecond?: number): Promise<NetworkPlace> {
  const host = number + 16;
  const octets = [10, 0, host >> 8, host & 255];
  const address = octets.join(".");
  const mac = `0a:00:${octets.map((octet) => octet.toString(16).padStart(2, "0")).join(":")}`;
  const hostname = `ip-${octets.join("-")}`;
  const [namespace, port] = [`m${number}`, `v${number}`];
  const batch = [
    `netns add ${namespace}`,
    `link add ${port} type veth peer name eth0 address ${mac} netns ${namespace}`,
    `link set ${port} master lab0 up`,
  ];
  const inside = [
    "link set lo up",
    `addr add ${address}/16 dev eth0`,
    "link set eth0 up",
    `route add default via ${labAddresses.gateway}`,
    `route add ${labAddresses.metadata} dev eth0`,
  ];
  await inRun(run, ["ip", "-batch", "-"], { input: batch.join("\n") });
  await inRun(run, ["ip", "-netns", namespace, "-batch", "-"], { input: inside.join("\n") });
  if (megabitsPerSecond !== undefined) {
    const bucket = ["rate", `${megabitsPerSecond}mbit`, "burst", "1mb", "latency", "50ms"];
    await inRun(run, ["tc", "qdisc", "add", "dev", port, "root", "tbf", ...bucket]);
  }
  return { namespace, address, mac, hostname };
}

/** Takes a machine's network away. */
export async function unplug(run: LabRun, place: NetworkPlace): Promise<void> {
  await inRun(run, ["ip", "netns", "delete", place.namespace]);
}

/** Passes connections to a port of the lab on to a Unix socket, at which a server outside its network listens. */
export function exposeInLab(run: LabRun, address: string, port: number, socketPath: string): Promise<LabProcess> {
  const listen = `TCP-LISTEN:${port},bind=${address},fork,reuseaddr,nodelay`;
  return startInRun(run, ["socat", listen, `UNIX-CONNECT:${socketPath}`], { log: `exposed-${address}-${port}.log` });
}
