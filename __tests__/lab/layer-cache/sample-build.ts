/**
 * A build of several stages. What a RUN makes has an id of its own, drawn whenever it runs: two images with the same id have it from one run, whatever
 * BuildKit and the script say.
 */
import type { BuildxEnd, BuiltImage } from "../../../lab/product/buildx-job";
import { BASE } from "../ci-images/job-lab";

const run = (name: string, from: string) =>
  `RUN read -r line <${from}; echo "${name} of $line" >${name}; read -r id </proc/sys/kernel/random/uuid; echo $id >${name}.id`;

/** Two stages, and one that copies alone; `late` is copied last. */
const DOCKERFILE = `FROM ${BASE} AS assets
ARG cache_invalidator
COPY package /assets/

FROM ${BASE} AS dependencies
WORKDIR /app
ARG cache_invalidator
COPY package ./
${run("dependencies", "package")}

FROM dependencies AS build
COPY source ./
${run("compiled", "source")}

FROM ${BASE}
WORKDIR /srv
COPY --from=assets /assets/ ./assets/
COPY --from=build /app/ ./
COPY late ./
${run("finished", "late")}
ENV OF=shop
CMD ["/bin/sh", "-c", "echo built"]
`;

/** RUNs, as the ids' files are called. */
const RUNS = ["dependencies", "compiled", "finished"] as const;

/** Files of the context; `changed` ones have another content. */
export function contextOf(changed: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { Dockerfile: DOCKERFILE, package: "one\n", source: "one\n", late: "one\n", ...changed };
}

/** The ids of an image, by the RUN that drew it. @throws Error if there is no image, or none has it */
function idsOf(end: BuildxEnd): Record<(typeof RUNS)[number], string> {
  const { ids } = imageOf(end);
  const found = RUNS.map((name) => {
    const id = ids[`srv/${name}.id`];
    if (!id) throw new Error(`no ${name}.id in ${JSON.stringify(ids)}`);
    return [name, id] as const;
  });
  return Object.fromEntries(found) as ReturnType<typeof idsOf>;
}

/** RUNs that have run again between two builds. */
export function ranAgain(before: BuildxEnd, after: BuildxEnd): string[] {
  const [old, now] = [idsOf(before), idsOf(after)];
  return RUNS.filter((name) => old[name] !== now[name]);
}

/** What an image is, without its ids. */
export function contentOf(end: BuildxEnd): Pick<BuiltImage, "layers" | "config"> {
  const { layers, config } = imageOf(end);
  return { layers, config };
}

function imageOf({ image, status, log }: BuildxEnd): BuiltImage {
  if (!image) throw new Error(`there is no image, status ${status}:\n${log}`);
  return image;
}
