/**
 * Orders of systemd units, as far as they decide what runs before what. Facts of published unit files, each with its source; only the lines that order.
 * Not known here: what Amazon changed in its packages of cloud-init 22.2.2 and Docker; the lab boots Debian's units themselves.
 */

/** Text of the unit files of one system, by name; drop-ins follow the text. */
export type Units = Readonly<Record<string, string>>;

/** moby: contrib/init/systemd/docker.service and docker.socket, and containerd: containerd.service, as they are in the image of Debian trixie. */
const DOCKER = {
  "docker.service": `After=network-online.target docker.socket firewalld.service containerd.service time-set.target
Wants=network-online.target containerd.service
Requires=docker.socket
WantedBy=multi-user.target`,
  "docker.socket": "WantedBy=sockets.target",
  "containerd.service": "After=network.target local-fs.target dbus.service\nWantedBy=multi-user.target",
};

/** systemd: units/*.target, and systemd.special(7). */
const SYSTEMD = {
  "local-fs.target": "DefaultDependencies=no",
  "sysinit.target": "DefaultDependencies=no\nAfter=local-fs.target",
  "sockets.target": "",
  "basic.target": "After=sysinit.target sockets.target\nWants=sysinit.target sockets.target",
  "network-pre.target": "",
  "network.target": "After=network-pre.target",
  "network-online.target": "After=network.target",
  "time-set.target": "",
  "time-sync.target": "After=time-set.target",
  "multi-user.target": "After=basic.target\nRequires=basic.target",
};

const CONFIG_TARGET = (network: string) =>
  `Wants=cloud-init-local.service ${network}\nAfter=cloud-init-local.service ${network}`;
const CONFIG = "After=network-online.target cloud-config.target\nWants=network-online.target cloud-config.target";
const LOCAL_OF_DEBIAN =
  "DefaultDependencies=no\nWants=network-pre.target\nBefore=network-pre.target shutdown.target sysinit.target";

/** canonical/cloud-init, tag 25.1: systemd/*.tmpl for `ubuntu`. */
const UBUNTU_24 = {
  "cloud-init-local.service": LOCAL_OF_DEBIAN,
  "cloud-init-network.service": `DefaultDependencies=no
Wants=cloud-init-local.service
After=cloud-init-local.service networking.service
Before=network-online.target sshd.service systemd-user-sessions.service sysinit.target shutdown.target`,
  "cloud-config.target": CONFIG_TARGET("cloud-init-network.service"),
  "cloud-config.service": CONFIG,
  "cloud-final.service": `After=network-online.target time-sync.target cloud-config.service rc-local.service
After=multi-user.target
Wants=network-online.target cloud-config.service`,
};

/** The same, tag 22.4 for `debian`: bookworm's. */
const DEBIAN_12 = {
  "cloud-init-local.service": LOCAL_OF_DEBIAN,
  "cloud-init.service": `DefaultDependencies=no
Wants=cloud-init-local.service
After=cloud-init-local.service systemd-networkd-wait-online.service networking.service
Before=network-online.target sshd.service sysinit.target shutdown.target systemd-user-sessions.service`,
  "cloud-config.target": CONFIG_TARGET("cloud-init.service"),
  "cloud-config.service": CONFIG,
  "cloud-final.service": `After=network-online.target cloud-config.service rc-local.service
After=multi-user.target
Wants=network-online.target cloud-config.service`,
};

/** The same, tag 22.2.2 for `amazon`: Amazon Linux 2023's version, by its user guide. */
const AMAZON_2023 = {
  "cloud-init-local.service":
    "Wants=network-pre.target\nAfter=systemd-remount-fs.service\nBefore=network-pre.target shutdown.target",
  "cloud-init.service": `DefaultDependencies=no
Wants=cloud-init-local.service
After=cloud-init-local.service systemd-networkd-wait-online.service
Before=network-online.target sshd.service systemd-user-sessions.service`,
  "cloud-config.target": CONFIG_TARGET("cloud-init.service"),
  "cloud-config.service": CONFIG,
  "cloud-final.service":
    "After=network-online.target cloud-config.service rc-local.service\nWants=network-online.target cloud-config.service",
};

/** The same, tag 24.1 for `fedora`, and for `rhel`, which has default dependencies. */
const FEDORA = {
  ...AMAZON_2023,
  "cloud-init.service": `DefaultDependencies=no
Wants=cloud-init-local.service
After=cloud-init-local.service network.service NetworkManager.service NetworkManager-wait-online.service
Before=network-online.target sshd.service`,
};
const RHEL = { ...FEDORA, "cloud-init.service": FEDORA["cloud-init.service"].replace("DefaultDependencies=no\n", "") };

export const SYSTEMS: Readonly<Record<string, Units>> = {
  "Ubuntu 24.04": { ...SYSTEMD, ...DOCKER, ...UBUNTU_24 },
  "Debian 12": { ...SYSTEMD, ...DOCKER, ...DEBIAN_12 },
  "Amazon Linux 2023": { ...SYSTEMD, ...DOCKER, ...AMAZON_2023 },
  Fedora: { ...SYSTEMD, ...DOCKER, ...FEDORA },
  RHEL: { ...SYSTEMD, ...DOCKER, ...RHEL },
};

/** Units by the units that run before them. */
export type Order = ReadonlyMap<string, ReadonlySet<string>>;

/** Values of a key, in all lines. */
const values = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].flatMap(([, value = ""]) => value.split(/\s+/));

/**
 * The order that systemd makes of units: their own lines, and those that systemd.service(5), systemd.socket(5) and systemd.target(5) call default
 * dependencies.
 */
export function orderOf(units: Units): Order {
  const before = new Map<string, Set<string>>(Object.keys(units).map((name) => [name, new Set()]));
  const add = (first: string, second: string) => before.get(first) && before.get(second)?.add(first);
  const hasDefaults = (name: string) => !/^DefaultDependencies=no$/m.test(units[name] ?? "");
  for (const [name, text] of Object.entries(units)) {
    for (const other of values(text, "After")) add(other, name);
    for (const other of values(text, "Before")) add(name, other);
    if (name.endsWith(".service") && hasDefaults(name))
      for (const one of ["sysinit.target", "basic.target"]) add(one, name);
    if (name.endsWith(".socket") && hasDefaults(name))
      for (const [one, two] of [
        ["sysinit.target", name],
        [name, "sockets.target"],
      ] as const)
        add(one, two);
  }
  // A target comes after what it wants, unless that says the contrary.
  for (const [name, text] of Object.entries(units))
    for (const target of values(text, "WantedBy"))
      if (hasDefaults(name) && !isBefore(before, target, name)) add(name, target);
  return before;
}

/** True if `first` has ended, or is ready, before `second` begins. */
export function isBefore(order: Order, first: string, second: string): boolean {
  const seen = new Set<string>();
  const queue = [second];
  for (const name of queue)
    for (const one of order.get(name) ?? []) {
      if (one === first) return true;
      if (!seen.has(one)) queue.push(one);
      seen.add(one);
    }
  return false;
}

/** Units that would have to run before themselves: systemd then drops one of their starts. */
export const cycles = (order: Order) => [...order.keys()].filter((name) => isBefore(order, name, name));
