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
export type JobScript = "image";

/** Settings of the deployment that stand in front of a script. What a job gives itself comes before them. */
export const JOB_SETTINGS = {
  image: {
    job_set_repository: "name of the repository",
    job_set_region: "AWS region",
    job_set_max_age_days: "days after which an image counts for nothing",
    job_set_registry: "host of the registry in ECR, or empty: AWS is asked whose account it is",
  },
} as const;

export type JobSettings<Script extends JobScript> = Partial<Record<keyof (typeof JOB_SETTINGS)[Script], string>>;

/** The scripts in order: functions, then the one line that calls `main`. */
const SCRIPTS: Readonly<Record<JobScript, readonly string[]>> = {
  image: [
    ...["log", "settings", "retry", "aws"].map((name) => `shared/${name}.sh`),
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
  ].map((name) => (name.includes("/") ? name : `image/${name}.sh`)),
};

const bundleJob = remembered((name: JobScript): string =>
  bundle(`lib/job/{shared,${name}}/*`, __dirname, SCRIPTS[name]),
);

/** Returns a script that runs by itself. What is not among the settings is empty, whatever the job's environment says. */
export function renderJob<Script extends JobScript>(name: Script, settings: JobSettings<Script> = {}): string {
  const values: Readonly<Record<string, string | undefined>> = settings;
  const lines = Object.keys(JOB_SETTINGS[name]).map(
    (setting) => `${setting}='${Buffer.from(values[setting] ?? "").toString("base64")}'\n`,
  );
  return `#!/usr/bin/env bash\n${lines.join("")}${bundleJob(name)}`;
}
