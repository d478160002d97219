/** CI images: images of build-time dependencies in an ECR repository, by the tags that jobs give them. */

/** Name of the noun, the value of the tag `docker-cache:companion`. */
export const CI_IMAGES = "ci-images";

/** Machines as `uname -m` calls them. Jobs put that into their tags, and not EC2's name of the architecture. */
export const MACHINES = { x86_64: "x86_64", arm64: "aarch64" } as const;

/** Name of the repository that an entry has if it names none. The argument may be a Terraform expression. */
export function defaultRepository(name: string): string {
  return `build-cache/${name}`;
}

/** Tag of the newest image that a job of this architecture pushed. */
export function latestTag(architecture: keyof typeof MACHINES): string {
  return `latest-${MACHINES[architecture]}`;
}
