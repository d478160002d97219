/**
 * Reads of one region that its cells share. What a cell asks for by its tags, or about its snapshots, is answered from one list of the whole region,
 * which is read once. For commands that look once: nothing is read anew, except what the same cell asks for a second time.
 */
import type { Filters, Ports, TemplateVersion } from "../lambda-src/rotation/ports";
import type { Parameter, Tags } from "../lambda-src/rotation/types";
import { TAG } from "../lib/contract";

/** GetParameters takes so many names (AWS Systems Manager API reference). */
const NAMES_PER_CALL = 10;

function once<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= read();
    return result;
  };
}

const onlyHas = (filters: Filters, ...names: string[]) => Object.keys(filters).every((name) => names.includes(name));

function bears(tags: Tags, filters: Filters): boolean {
  return Object.entries(filters).every(([name, values]) => {
    const value = tags[name.slice("tag:".length)];
    return value !== undefined && values.includes(value);
  });
}

/**
 * Answers filters by tags, the given key among them, from `all`. Who asks the same again wants to see what has changed since, and is given a list of
 * his own.
 */
function byTags<Item extends { readonly tags: Tags }>(
  all: () => Promise<readonly Item[]>,
  list: (filters: Filters) => Promise<readonly Item[]>,
  key: string,
): (filters: Filters) => Promise<readonly Item[]> {
  const asked = new Set<string>();
  return async (filters) => {
    const question = JSON.stringify(filters);
    const names = Object.keys(filters);
    const isOfTags = names.includes(`tag:${key}`) && names.every((name) => name.startsWith("tag:"));
    if (!isOfTags || asked.has(question)) return list(filters);
    asked.add(question);
    return (await all()).filter(({ tags }) => bears(tags, filters));
  };
}

/** Asks for the parameters of all cells that ask at the same moment, ten at a time. */
function batched(ports: Ports): Ports["getParameters"] {
  let queue: { names: readonly string[]; answer: (values: Promise<ReadonlyMap<string, Parameter>>) => void }[] = [];
  const ask = async (names: readonly string[]) => {
    const portions = Array.from({ length: Math.ceil(names.length / NAMES_PER_CALL) }, (_, index) =>
      names.slice(index * NAMES_PER_CALL, (index + 1) * NAMES_PER_CALL),
    );
    const found = await Promise.all(portions.map((portion) => ports.getParameters(portion)));
    return new Map(found.flatMap((one) => [...one]));
  };
  const flush = () => {
    const together = queue;
    queue = [];
    const all = ask([...new Set(together.flatMap((one) => one.names))]);
    const only = async (names: readonly string[]) => {
      // Who may not read one parameter is refused all of a call: then each cell asks for its own.
      const values = await (together.length > 1 ? all.catch(() => ask(names)) : all);
      return new Map([...values].filter(([name]) => names.includes(name)));
    };
    for (const { names, answer } of together) answer(only(names));
  };
  return (names) =>
    new Promise((answer) => {
      queue.push({ names, answer });
      if (queue.length === 1) queueMicrotask(flush);
    });
}

function sharedSnapshots(ports: Ports): Pick<Ports, "listSnapshots" | "listFastRestores" | "listLocks"> {
  const ofCaches = once(() => ports.listSnapshots({ "tag-key": [TAG.name] }));
  const restores = once(() => ports.listFastRestores());
  return {
    listSnapshots: byTags(ofCaches, ports.listSnapshots, TAG.name),
    async listFastRestores(filters = {}) {
      if (!onlyHas(filters, "snapshot-id")) return ports.listFastRestores(filters);
      const ids = filters["snapshot-id"];
      return (await restores()).filter((one) => ids?.includes(one.snapshotId) ?? true);
    },
    listLocks: once(ports.listLocks),
  };
}

function sharedInstances(ports: Ports): Pick<Ports, "listInstances" | "listVolumes" | "listImages"> {
  const instances = once(() => ports.listInstances({ "tag-key": [TAG.name] }));
  const volumes = byTags(
    once(() => ports.listVolumes({ "tag-key": [TAG.name] })),
    ports.listVolumes,
    TAG.name,
  );
  const creating = once(() => ports.listVolumes({ status: ["creating"] }));
  const images = once(() => ports.listImages());
  return {
    listInstances: byTags(instances, ports.listInstances, TAG.name),
    async listVolumes(filters) {
      const { status, "snapshot-id": ids } = filters;
      if (status?.join() !== "creating" || !onlyHas(filters, "status", "snapshot-id")) return volumes(filters);
      return (await creating()).filter((one) => ids?.includes(one.snapshotId) ?? true);
    },
    async listImages(filters = {}) {
      if (!onlyHas(filters, "block-device-mapping.snapshot-id")) return ports.listImages(filters);
      const ids = filters["block-device-mapping.snapshot-id"];
      return (await images()).filter((one) => ids === undefined || one.snapshotIds.some((id) => ids.includes(id)));
    },
  };
}

function sharedTemplates(
  ports: Ports,
): Pick<
  Ports,
  "listLaunchTemplates" | "listLatestVersions" | "listCurrentReferences" | "listVersions" | "listAutoScalingVersions"
> {
  const consumers = once(() => ports.listLaunchTemplates({ "tag-key": [TAG.consume] }));
  const latest = once(async () => {
    const found = await ports.listLatestVersions((await consumers()).map(({ id }) => id));
    return new Map(found.map((one) => [one.templateId, one]));
  });
  const versions = new Map<string, Promise<readonly TemplateVersion[]>>();
  return {
    listLaunchTemplates: byTags(consumers, ports.listLaunchTemplates, TAG.consume),
    async listLatestVersions(templateIds) {
      const known = new Set((await consumers()).map(({ id }) => id));
      if (!templateIds.every((id) => known.has(id))) return ports.listLatestVersions(templateIds);
      const found = await latest();
      return templateIds.flatMap((id) => found.get(id) ?? []);
    },
    listCurrentReferences: once(ports.listCurrentReferences),
    listVersions(templateId, wanted) {
      const question = JSON.stringify([templateId, wanted]);
      const answer = versions.get(question) ?? ports.listVersions(templateId, wanted);
      versions.set(question, answer);
      return answer;
    },
    listAutoScalingVersions: once(ports.listAutoScalingVersions),
  };
}

/** Ports whose reads are shared, see above; all else goes to `ports`. */
export function sharedReads(ports: Ports): Ports {
  return {
    ...ports,
    getParameters: batched(ports),
    ...sharedSnapshots(ports),
    ...sharedInstances(ports),
    ...sharedTemplates(ports),
  };
}
