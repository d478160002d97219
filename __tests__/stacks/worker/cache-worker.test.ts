import { TAG, WORKER_METRIC_NAMESPACE } from "../../../lib/contract";
import { KEY_ARN, workerSettings } from "../fixture";
import { workerStack } from "../synthesized";

const plain = workerStack();
const template = plain.resource.aws_launch_template!.ci_x86_64_worker;
const { network } = workerSettings();

describe("worker template", () => {
  it("has the root disk first and the cache device second, empty and rotation's own", () => {
    expect(template.block_device_mappings).toEqual([
      expect.objectContaining({ device_name: "/dev/xvda" }),
      { device_name: "/dev/sdf", no_device: "true" },
    ]);
    expect(template.lifecycle.ignore_changes).toEqual(["block_device_mappings[1]"]);
    expect(template.update_default_version).toBe(true);
  });

  it("asks for the snapshot and says how it is to be mapped", () => {
    expect(template.tags).toMatchObject({
      [TAG.consume]: "ci/x86_64",
      [TAG.device]: "/dev/sdf",
      [TAG.mapping]: "size=150 type=gp3",
    });
  });

  it.each([
    [{}, "size=150 type=gp3"],
    [{ warmth: "rate", initializationRateMibps: 200 }, "size=150 type=gp3 rate=200"],
    [{ warmth: "fsr" }, "size=150 type=gp3"],
    [
      { volume: { sizeGib: 200, type: "gp3", iops: 6000, throughputMibps: 500 } },
      "size=200 type=gp3 iops=6000 throughput=500",
    ],
  ] as const)("maps %j as %s", (overrides, mapping) => {
    expect(workerStack(overrides).resource.aws_launch_template!.ci_x86_64_worker.tags[TAG.mapping]).toBe(mapping);
  });

  it("tags what it launches as a worker's, so that no policy takes it for a builder or the cache volume", () => {
    for (const { tags } of template.tag_specifications) {
      expect(tags).toMatchObject({ [TAG.role]: "worker" });
      expect(tags).not.toHaveProperty(TAG.replicate);
    }
  });

  it("leaves the subnet to whoever launches, or stands in the named one without a public address", () => {
    expect(template.vpc_security_group_ids).toEqual(["${aws_security_group.ci_x86_64_worker.id}"]);
    expect(template).not.toHaveProperty("network_interfaces");
    const named = workerStack({ network: { ...network, subnetId: "subnet-1" } });
    expect(named.resource.aws_launch_template!.ci_x86_64_worker).toMatchObject({
      network_interfaces: [{ subnet_id: "subnet-1", associate_public_ip_address: "false" }],
    });
    expect(named.resource.aws_launch_template!.ci_x86_64_worker).not.toHaveProperty("vpc_security_group_ids");
    expect(named.data.aws_subnet!.ci_x86_64_worker.id).toBe("subnet-1");
  });

  it("looks nothing up where subnet and security groups are the user's or the launcher's", () => {
    const given = workerStack({ network: { ...network, securityGroupIds: ["sg-1"] } });
    expect(given.data).not.toHaveProperty("aws_subnet");
    expect(given.resource).not.toHaveProperty("aws_security_group");
  });

  it("has an encrypted root disk of the size that is asked for, with the customer key where there is one", () => {
    const rootOf = (stack: typeof plain) =>
      stack.resource.aws_launch_template!.ci_x86_64_worker.block_device_mappings[0];
    const ebs = { volume_size: 30, volume_type: "gp3", encrypted: "true", delete_on_termination: "true" };
    expect(rootOf(plain)).toEqual({ device_name: "/dev/xvda", ebs });
    const instance = { ...workerSettings().instance, rootDeviceName: "/dev/sda1", rootVolumeSizeGib: 80 };
    expect(rootOf(workerStack({ instance, kmsKeyArn: KEY_ARN }))).toEqual({
      device_name: "/dev/sda1",
      ebs: { ...ebs, volume_size: 80, kms_key_id: KEY_ARN },
    });
  });

  it("admits nothing by its security group", () => {
    const group = plain.resource.aws_security_group!.ci_x86_64_worker;
    expect(group).toMatchObject({ egress: [{ protocol: "-1" }] });
    // Rules of others on it are theirs.
    expect(group).not.toHaveProperty("ingress");
  });

  it("requires IMDSv2 and takes the hop limit of the configuration", () => {
    expect(template.metadata_options).toEqual({
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
    });
    const two = workerStack({ metadataHopLimit: 2 });
    expect(two.resource.aws_launch_template!.ci_x86_64_worker.metadata_options.http_put_response_hop_limit).toBe(2);
  });

  describe("user data", () => {
    const script = 'echo "${HOME}" %{x} \'\n';
    const file = (name: string) => `file("\${path.module}/userdata/${name}.sh")`;

    it("is MIME of a boothook and the consumer's script, gzipped whole", () => {
      const { locals } = workerStack({ script });
      expect(locals.ci_x86_64_user_data).toBe("${base64gzip(local.ci_x86_64_user_data_mime)}");
      expect(locals.ci_x86_64_user_data_mime).toMatch(
        /"Content-Type: text\/cloud-boothook; .*local\.ci_x86_64_user_data_early.*"Content-Type: text\/x-shellscript; .*local\.ci_x86_64_user_data_script/,
      );
      expect(locals.ci_x86_64_user_data_early).toContain("local.ci_x86_64_user_data_settings");
      expect(locals.ci_x86_64_user_data_early).toContain(`WORKER_SCRIPT='\${base64gzip(${file("worker")})}'`);
      expect(locals.ci_x86_64_user_data_script).toContain(
        'USER_SCRIPT=\'${base64gzip("echo \\"$${HOME}\\" %%{x} \'\\n")}\'',
      );
    });

    it("is the boothook alone where there is no script", () => {
      expect(plain.locals.ci_x86_64_user_data_mime).not.toContain("x-shellscript");
      expect(plain.locals).not.toHaveProperty("ci_x86_64_user_data_script");
    });

    it("is one plain script that starts late, if that is asked for", () => {
      const { locals } = workerStack({ start: "late", script });
      expect(locals.ci_x86_64_user_data).toBe("${base64gzip(local.ci_x86_64_user_data_plain)}");
      expect(locals.ci_x86_64_user_data_plain).toMatch(
        /^\$\{join\("\\n", \["#!\/bin\/bash", .*call-late\.sh.*user-script\.sh/,
      );
      expect(locals.ci_x86_64_user_data_plain).toContain(
        `WORKER_SCRIPT='\${base64gzip(join("", [${file("later-boots")}, ${file("worker")}]))}'`,
      );
      expect(locals).not.toHaveProperty("ci_x86_64_user_data_mime");
    });
  });

  it("is refused where its user data is too long for EC2", () => {
    const script = Array.from({ length: 2000 }, (_, index) => (index * 7919 * 7919).toString(36)).join("\n");
    expect(() => workerStack({ script })).toThrow(/ci_x86_64: the user data has \d+ bytes, and EC2 takes 16384/);
  });
});

describe("worker role", () => {
  it("has no permission on EC2", () => {
    const [statement, ...others] = plain.data.aws_iam_policy_document!.ci_x86_64_worker.statement;
    expect(others).toEqual([]);
    expect(statement.actions).toEqual(["cloudwatch:PutMetricData"]);
    expect(statement.condition).toEqual([
      { test: "StringEquals", variable: "cloudwatch:namespace", values: [WORKER_METRIC_NAMESPACE] },
    ]);
  });

  it("takes further policies, by their place in the list", () => {
    const { resource } = workerStack({ policyArns: ["arn:x"] });
    expect(resource.aws_iam_role_policy_attachment!.ci_x86_64_worker).toEqual({
      for_each: '${{ for index, arn in ["arn:x"] : tostring(index) => arn }}',
      role: "${aws_iam_role.ci_x86_64_worker.id}",
      policy_arn: "${each.value}",
    });
  });

  it("is none where the instance profile is the user's", () => {
    const { resource } = workerStack({ instanceProfileName: "theirs" });
    expect(resource).not.toHaveProperty("aws_iam_role");
    expect(resource).not.toHaveProperty("aws_iam_instance_profile");
    expect(resource.aws_launch_template!.ci_x86_64_worker.iam_instance_profile).toEqual([{ name: "theirs" }]);
  });
});
