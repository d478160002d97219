/** A job with a small image of dependencies, in a repository of its own. */
import type { Machine } from "../../../lab/machine/machine";
import { shellIn } from "../../../lab/machine/machine-shell";
import type { Credentials, Job, JobEnd } from "../../../lab/product/plugin-job";
import { IMAGE_VARIABLE } from "../../../lab/product/plugin-job";
import { HOST } from "../ecr/ecr-lab";
import { BASE, type Engine } from "./job-lab";

/** Says `deps one` as the stage `deps`, and `app` otherwise. */
export const DOCKERFILE = `FROM ${BASE} AS deps
ARG CONTENT=one
RUN echo "deps $CONTENT" >/made
CMD ["/bin/sh", "-c", "read -r line </made; echo $line"]
FROM deps AS app
RUN echo app >/made
`;

/** Makes jobs by their case's name. */
export type JobOf = (name: string, options?: Job["options"], more?: Partial<Job>) => Job;

/** Jobs of an engine: each case has a repository of its own, so that none finds what another has made. */
export function jobsOf({ generation, store }: Engine, as: () => Credentials): JobOf {
  return (name, options = {}, more = {}) => ({
    as: as(),
    options: { "ecr-name": repositoryOf({ generation, store }, name), ...options },
    files: { Dockerfile: DOCKERFILE },
    ...more,
  });
}

/** The repository of a case. */
export function repositoryOf({ generation, store }: Engine, name: string): string {
  return `build-cache/acme/${generation}-${store}-${name}`;
}

/** What a hook has done, in the words of its log's groups. */
export function done({ log }: JobEnd): string[] {
  const groups = { pulled: "--- Pulling image", built: "--- Building image", pushed: "--- Pushing tag" };
  return Object.entries(groups).flatMap(([name, heading]) => (log.includes(heading) ? [name] : []));
}

/** The tag that a job exports. @throws Error if it exports none of this repository */
export function tagOf({ exported, log }: JobEnd, repository: string): string {
  const image = exported[IMAGE_VARIABLE] ?? "";
  const prefix = `${HOST}/${repository}:`;
  if (!image.startsWith(prefix)) throw new Error(`the job exports ${image || "no image"}:\n${log}`);
  return image.slice(prefix.length);
}

/** Takes every image from a machine, and all that was built for them. */
export async function forgetImages(machine: Machine): Promise<void> {
  await shellIn(machine, "docker image prune --all --force && docker builder prune --all --force");
}
