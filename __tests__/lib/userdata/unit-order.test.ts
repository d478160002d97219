/** What runs before what as a worker boots, by the units of several systems and the one that the worker installs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cycles, isBefore, orderOf, SYSTEMS, type Units } from "./unit-order";

const folder = join(__dirname, "../../../lib/userdata");

/** Units with those that install_boot_service writes. */
function installed(units: Units, imageStore: "overlay2" | "containerd"): Units {
  const written = mkdtempSync(join(tmpdir(), "units-"));
  try {
    const files = ["shared", "worker"].flatMap((name) =>
      readdirSync(join(folder, name)).map((file) => join(folder, name, file)),
    );
    const functions = files.filter((path) => path.endsWith(".sh") && !/\/(call-.*|unpack|user-script)\.sh$/.test(path));
    const code = `for file; do source "$file"; done; systemctl() { :; }; INSTANCE_ID=i-1 IMAGE_STORE=${imageStore} UNIT_FOLDER=${written}; install_boot_service`;
    execFileSync("bash", ["-o", "errexit", "-o", "nounset", "-c", code, "install", ...functions]);
    const result: Record<string, string> = { ...units };
    for (const path of readdirSync(written, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(service|conf)$/.test(name),
    )) {
      const unit = path.split(".d/")[0] as string;
      result[unit] = `${result[unit] ?? ""}\n${readFileSync(join(written, path), "utf8")}`;
    }
    return result;
  } finally {
    rmSync(written, { recursive: true });
  }
}

const systems = Object.entries(SYSTEMS).map(([name, units]) => ({
  name,
  units,
  network: units["cloud-init.service"] === undefined ? "cloud-init-network.service" : "cloud-init.service",
}));

describe.each(systems)("$name", ({ units, network }) => {
  const order = orderOf(units);

  test("the network stage, in which `early` runs, ends before Docker begins", () => {
    expect(isBefore(order, network, "network-online.target")).toBe(true);
    expect(isBefore(order, network, "docker.service")).toBe(true);
    expect(cycles(order)).toEqual([]);
  });

  test("if Docker did not wait for network-online.target, only cloud-init before sysinit.target would make it wait", () => {
    const docker = (units["docker.service"] as string).replace("After=network-online.target", "After=");
    const isEarly = units[network]?.includes("sysinit.target") ?? false;
    expect(isBefore(orderOf({ ...units, "docker.service": docker }), network, "docker.service")).toBe(isEarly);
  });

  test("what runs at every boot, in the final stage, is not before Docker: Docker never waits for it", () => {
    expect(isBefore(order, "cloud-final.service", "docker.service")).toBe(false);
    expect(isBefore(order, network, "cloud-final.service")).toBe(true);
  });

  test.each(["overlay2", "containerd"] as const)(
    "with %s, the boot service runs between the network stage and Docker, in no circle",
    (store) => {
      const late = orderOf(installed(units, store));
      expect(isBefore(late, network, "docker-cache.service")).toBe(true);
      expect(isBefore(late, "docker-cache.service", "docker.service")).toBe(true);
      expect(cycles(late)).toEqual([]);
      expect(isBefore(late, "docker-cache.service", "containerd.service")).toBe(store === "containerd");
      expect(isBefore(late, "containerd.service", "docker-cache.service")).toBe(false);
    },
  );
});

test("containerd may run before the network stage on Amazon Linux and Fedora kinds, and never on Debian kinds", () => {
  const is = (name: string) => {
    const system = systems.find((one) => one.name === name);
    return isBefore(orderOf(system?.units ?? {}), system?.network ?? "", "containerd.service");
  };
  expect(["Ubuntu 24.04", "Debian 12", "Amazon Linux 2023", "Fedora", "RHEL"].filter(is)).toEqual([
    "Ubuntu 24.04",
    "Debian 12",
  ]);
});

test("a circle is found", () => {
  const units = {
    "a.service": "After=b.service",
    "b.service": "After=c.service",
    "c.service": "Before=a.service\nAfter=a.service",
  };
  expect(cycles(orderOf(units))).toEqual(["a.service", "b.service", "c.service"]);
});
