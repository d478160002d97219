/**
 * The scripts that CI jobs run, rendered: static bash of a folder and of `shared/`, joined to one that needs nothing else. Pure except for reading the
 * scripts.
 *
 *     #!/usr/bin/env bash
 *     job_set_region='base64 of the value'    one line a setting, in the order of {@link JOB_SETTINGS}
 *     …the bundle…
 */
import { bundle } from "../bundle";
import { remembered } from "../remembered";

/** Names of the scripts, and of their folders here. */
export type JobScript = "image" | "buildx";

/** Settings of the deployment that stand in front of a script. What a job gives itself comes before them. */
export const JOB_SETTINGS = {
  image: {
    job_set_repository: "name of the repository",
    job_set_region: "AWS region",
    job_set_max_age_days: "days after which an image counts for nothing",
    job_set_registry: "host of the registry in ECR, or empty: AWS is asked whose account it is",
  },
  buildx: {
    job_set_entry: "name of the entry",
    job_set_region: "AWS region",
    job_set_backend: "s3 or ecr",
    job_set_bucket: "bucket in S3, or empty: the entry's own",
    job_set_account: "id of the account, or empty: AWS is asked",
    job_set_protected: "globs of protected branches, one a line",
    job_set_builder: "name of the builder",
    job_set_image: "image of the builder",
    job_set_keep_gib: "GiB of layers that the builder keeps",
    job_set_mirrors:
      "what goes through ECR, one a line: upstream host or host and path, and the repository's beginning in ECR",
  },
} as const;

export type JobSettings<Script extends JobScript> = Partial<Record<keyof (typeof JOB_SETTINGS)[Script], string>>;

const SHARED = ["log", "settings", "retry", "aws", "login"];

/** The scripts in order, behind the shared ones: functions, then the one line that calls `main`. */
const SCRIPTS: Readonly<Record<JobScript, readonly string[]>> = {
  image: [
    ...[
      "options",
      "tag",
      "exports",
      "local",
      "login",
      "ecr",
      "repository",
      "google",
      "pull",
      "build",
      "push",
      "ensure",
    ],
    ...["main", "call-main"],
  ],
  buildx: [
    ...[
      "options",
      "branch",
      "names",
      "arguments",
      "line",
      "place",
      "builder",
      "progress",
      "manifests",
      "failure",
      "run",
    ],
    ...["report", "main", "call-main"],
  ],
};

const bundleJob = remembered((name: JobScript): string =>
  bundle(`lib/job/{shared,${name}}/*`, __dirname, [
    ...SHARED.map((script) => `shared/${script}.sh`),
    ...SCRIPTS[name].map((script) => `${name}/${script}.sh`),
  ]),
);

/** Returns a script that runs by itself. What is not among the settings is empty, whatever the job's environment says. */
export function renderJob<Script extends JobScript>(name: Script, settings: JobSettings<Script> = {}): string {
  const values: Readonly<Record<string, string | undefined>> = settings;
  const lines = Object.keys(JOB_SETTINGS[name]).map(
    (setting) => `${setting}='${Buffer.from(values[setting] ?? "").toString("base64")}'\n`,
  );
  return `#!/usr/bin/env bash\n${lines.join("")}${bundleJob(name)}`;
}
